/** A failure that the server explained (RFC 9457), or that it could not be reached (`code` is `offline`). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId?: string,
  ) {
    super(detail);
    this.name = "ApiError";
  }

  static of(status: number, problem: unknown): ApiError {
    const known = (typeof problem === "object" && problem !== null ? problem : {}) as Record<string, unknown>;
    const text = (name: string) => (typeof known[name] === "string" ? (known[name] as string) : undefined);
    return new ApiError(status, text("code") ?? "unknown", text("detail") ?? text("title") ?? `HTTP ${status}`, text("request_id"));
  }
}
