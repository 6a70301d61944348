// What goes wrong, as one family of errors. None of them holds a secret: the key is in no sentence of the server's.

export interface ErrorParts {
  code?: string;
  status?: number;
  retryable?: boolean;
  requestId?: string | undefined;
  retryAfter?: number | undefined;
}

/** A call that failed. `code` is the word for programs, `detail` the sentence that says what to do next. */
export class ApiError extends Error {
  readonly code: string;
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly detail: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Quote it when asking for help; it is in the server's log. */
  readonly requestId: string | undefined;
  /** Seconds after which trying again makes sense, where the server said so. */
  readonly retryAfter: number | undefined;
  /** Whether an earlier try of the same call went without an answer, and may have done its work. */
  afterLoss = false;

  constructor(detail: string, parts: ErrorParts = {}) {
    const code = parts.code ?? "error";
    super(`${code}: ${detail}`);
    this.name = new.target.name;
    this.code = code;
    this.detail = detail;
    this.status = parts.status ?? 0;
    this.retryable = parts.retryable ?? false;
    this.requestId = parts.requestId;
    this.retryAfter = parts.retryAfter;
  }
}

/** 400, 413, 415, 422: a field is missing, malformed, too large or out of range. */
export class InvalidRequestError extends ApiError {}
/** 401: the key is unknown, expired or revoked. */
export class AuthenticationError extends ApiError {}
/** 403: the key lacks a scope, its app is paused, or a limit is reached. */
export class ForbiddenError extends ApiError {}
/** 404: nothing of that id is visible to this key. */
export class NotFoundError extends ApiError {}
/** 409: something of that name exists already. */
export class ConflictError extends ApiError {}
/** 412: the memory is not the version that was to be changed. */
export class VersionConflictError extends ApiError {}
/** 429: too many requests; see `retryAfter`. */
export class RateLimitedError extends ApiError {}
/** 5xx: a fault of the server, or something that it depends on is down. */
export class ServerError extends ApiError {}
/** No answer: no connection, a broken one, or none in time. Whether the server did the work is not known. */
export class UnreachableError extends ApiError {}
/** An operation that was waited for has failed. */
export class OperationFailedError extends ApiError {}
/** An operation was not done in time. It goes on; wait again. */
export class WaitTimeoutError extends ApiError {}

const BY_STATUS: Record<number, typeof ApiError> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  412: VersionConflictError,
  413: InvalidRequestError,
  415: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitedError,
};

/** The error that an answer stands for: its problem+json, or its status where something before the server answered. */
export function errorOf({ status, headers }: Response, body: string): ApiError {
  let problem: Record<string, unknown> = {};
  try {
    problem = Object(JSON.parse(body));
  } catch {
    // Not from the server.
  }
  const text = (name: string) => (typeof problem[name] === "string" ? (problem[name] as string) : undefined);
  const Kind = BY_STATUS[status] ?? (status >= 500 ? ServerError : ApiError);
  return new Kind(text("detail") ?? `The answer was HTTP ${status}.`, {
    code: text("code") ?? `http_${status}`,
    status,
    retryable: typeof problem["retryable"] === "boolean" ? problem["retryable"] : [429, 502, 503, 504].includes(status),
    requestId: text("request_id") ?? headers.get("x-request-id") ?? undefined,
    retryAfter: seconds(headers.get("retry-after")),
  });
}

/** `Retry-After`: seconds, or a date. */
function seconds(value: string | null): number | undefined {
  if (value === null) return undefined;
  const number = Number(value);
  const from = Number.isNaN(number) ? (Date.parse(value) - Date.now()) / 1000 : number;
  return Number.isNaN(from) ? undefined : Math.max(0, from);
}
