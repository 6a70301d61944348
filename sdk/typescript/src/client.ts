// The client. Every method answers what the server answers, typed by its OpenAPI document.

import {
  ApiError,
  errorOf,
  NotFoundError,
  OperationFailedError,
  ServerError,
  UnreachableError,
  VersionConflictError,
  WaitTimeoutError,
} from "./errors.js";
import { pauseAfter, RETRY, sleep, type Retry } from "./retry.js";
import type { components, operations } from "./schema.js";

export type Schemas = components["schemas"];
type Operation = Schemas["Operation"];

/** What `add` answers where facts were asked for and none had to be waited for: the shape of an operation that is done. */
export interface Stored {
  status: "done";
  results: Schemas["AddedOut"][];
}

export interface Settings {
  /** Where the server is; `JM_URL` in the environment where it is not given. */
  url?: string | undefined;
  /** `JM_API_KEY` where it is not given. */
  apiKey?: string | undefined;
  /** Milliseconds that one try may take; 30,000 when absent. */
  timeout?: number;
  retry?: Partial<Retry>;
  /** In place of the global one. */
  fetch?: typeof globalThis.fetch;
}

export interface Call {
  /** Ends the call, with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface Write extends Call {
  /** Have the server wait for embedding and facts, as long as it waits for anybody. */
  wait?: boolean | undefined;
  /** A repeated call with the same key stores nothing new; one is made up for each call, so that a lost answer is asked for again. */
  idempotencyKey?: string | undefined;
}

export type AddFields = Omit<Schemas["MemoryIn"], "text" | "messages" | "infer">;
export type SearchConditions = Omit<Schemas["MemorySearch"], "query">;
export type ContextOptions = Omit<Schemas["ContextRequest"], "query">;
export type ListConditions = Omit<NonNullable<operations["listMemories"]["parameters"]["query"]>, "page" | "size" | "cursor" | "limit">;
export type FeedbackKind = "POSITIVE" | "NEGATIVE" | "NEUTRAL" | "CORRECTION" | "CONFIRMATION";

export interface Request extends Call {
  query?: Record<string, unknown> | undefined;
  body?: unknown;
  headers?: Record<string, string> | undefined;
}

interface Sent extends Request {
  /** Whether saying it twice is the same as saying it once; by its method when absent. */
  repeatable?: boolean;
}

const MEMORIES = "/api/v1/memories/";
const PROJECTS = "/api/v1/projects/";

/** One person's memory. */
export class Memory {
  // Private, so that no inspection and no JSON of it can show the key.
  readonly #url: string;
  readonly #key: string;
  readonly #timeout: number;
  readonly #retry: Retry;
  readonly #fetch: typeof globalThis.fetch | undefined;

  constructor(settings: Settings = {}) {
    const env = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
    this.#url = address(settings.url ?? env["JM_URL"] ?? "");
    this.#key = (settings.apiKey ?? env["JM_API_KEY"] ?? "").trim();
    // Whatever is no header value would be quoted by the runtime that refuses it.
    if (!/^[!-~]+$/.test(this.#key))
      throw new TypeError("An API key is wanted: new Memory({ apiKey: 'jmk_…' }), or JM_API_KEY in the environment.");
    this.#timeout = settings.timeout ?? 30_000;
    this.#retry = { ...RETRY, ...settings.retry };
    this.#fetch = settings.fetch;
  }

  // Writing

  /** Stores a text as it is. With `infer`, or a conversation in place of the text, facts are taken from it: see {@link wait}. */
  async add(text: string, options?: AddFields & Write & { infer?: false }): Promise<Schemas["CreatedOut"]>;
  async add(text: string, options: AddFields & Write & { infer: true }): Promise<Operation | Stored>;
  async add(messages: readonly Schemas["Message"][], options?: AddFields & Write & { infer?: boolean }): Promise<Operation | Stored>;
  async add(
    said: string | readonly Schemas["Message"][],
    { signal, wait, idempotencyKey, ...fields }: AddFields & Write & { infer?: boolean } = {},
  ) {
    const body = { ...fields, ...(typeof said === "string" ? { text: said } : { messages: said }) };
    const answer = await this.#keyed<Record<string, any>>(MEMORIES, body, { signal, wait, idempotencyKey });
    if (typeof said === "string" && !fields.infer) return answer;
    return "status" in answer ? answer : { status: "done", results: answer["results"] ?? [answer] };
  }

  /** Stores up to 1,000 texts as they are; the answer says for each what became of it. */
  async addMany(memories: readonly Schemas["MemoryIn"][], options: Write = {}): Promise<Schemas["BatchOut"]> {
    return this.#keyed(`${MEMORIES}batch`, { memories }, options);
  }

  /** Changes what is named and leaves the rest. With `version`, only if the memory still is that version. */
  async update(
    id: string,
    change: Schemas["MemoryChange"],
    { version, signal }: Call & { version?: number } = {},
  ): Promise<Schemas["Memory"]> {
    const headers = version === undefined ? undefined : { "if-match": `"${version}"` };
    try {
      return await this.request("PUT", at(MEMORIES, id), { body: change, headers, signal });
    } catch (error) {
      // After a lost answer, the conflict may be with the change itself.
      if (version === undefined || !(error instanceof VersionConflictError && error.afterLoss)) throw error;
      const memory = await this.get(id, { signal });
      if (!isDone(memory, version, change)) throw error;
      return memory;
    }
  }

  /** Deletes a memory; it can be restored for 30 days, unless `permanent`. */
  async delete(id: string, { permanent, signal }: Call & { permanent?: boolean } = {}): Promise<Schemas["DeletedOut"]> {
    try {
      return await this.request("DELETE", at(MEMORIES, id), { query: { permanent: permanent || undefined }, signal });
    } catch (error) {
      if (!(error instanceof NotFoundError && error.afterLoss)) throw error;
      return { message: "Deleted by a try whose answer was lost.", deleted: 1, ids: [id] };
    }
  }

  /** Keeps a memory that the write gate holds back. */
  async keep(id: string, call: Call = {}): Promise<Schemas["Memory"]> {
    return this.request("POST", at(MEMORIES, id, "/keep"), call);
  }

  /** Says what a memory was worth; a `CORRECTION` may bring the right `text`. */
  async feedback(
    id: string,
    feedback: FeedbackKind,
    { signal, ...more }: Omit<Schemas["Feedback"], "memory_id" | "feedback"> & Call = {},
  ): Promise<Schemas["Learned"]> {
    return this.request("POST", "/api/v1/learning/feedback", { body: { memory_id: id, feedback, ...more }, signal });
  }

  // Reading

  /** Finds by meaning and by words, best first. */
  async search(query: string, { signal, ...conditions }: SearchConditions & Call = {}): Promise<Schemas["SearchOut"]> {
    return this.#read(`${MEMORIES}search`, { query, ...conditions }, signal);
  }

  /** Who the user is, what is new and what bears on the query: `text` is made for a model to read. */
  async context(query?: string, { signal, ...options }: ContextOptions & Call = {}): Promise<Schemas["Context"]> {
    return this.#read("/api/v1/context", { query, ...options }, signal);
  }

  /** Every memory that fits, newest first, fetched page by page. */
  async *list({ signal, pageSize = 100, ...conditions }: ListConditions & Call & { pageSize?: number } = {}): AsyncGenerator<
    Schemas["Memory"],
    void
  > {
    let cursor: string | null | undefined;
    do {
      const query = { ...conditions, limit: pageSize, cursor };
      const page: Schemas["MemoryPage"] = await this.request("GET", MEMORIES, { query, signal });
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor);
  }

  async get(id: string, call: Call = {}): Promise<Schemas["Memory"]> {
    return this.request("GET", at(MEMORIES, id), call);
  }

  async history(id: string, call: Call = {}): Promise<Schemas["History"]> {
    return this.request("GET", at(MEMORIES, id, "/history"), call);
  }

  /** Everything, as the lines of a JSON-lines file (without their ends). The last one counts them. */
  async *export({ signal }: Call = {}): AsyncGenerator<string, void> {
    const reader = (await this.#send("GET", "/api/v1/export", { signal }, async ({ body }) => body))?.getReader();
    if (!reader) return;
    const decoder = new TextDecoder();
    try {
      for (let rest = ""; ;) {
        const { done, value } = await reader.read();
        const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
        rest = lines.pop() ?? "";
        yield* lines;
        if (!done) continue;
        if (rest) yield rest;
        return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(error);
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  // Operations

  async operation(id: string, call: Call = {}): Promise<Operation> {
    return this.request("GET", at("/api/v1/operations/", id), call);
  }

  /** The operation when it is done; throws where it fails, or is not done after `timeout` milliseconds (60,000 when absent). */
  async wait(
    operation: Operation | Stored | string,
    { timeout = 60_000, signal }: Call & { timeout?: number } = {},
  ): Promise<Operation | Stored> {
    const end = Date.now() + timeout;
    let now = typeof operation === "string" ? await this.operation(operation, { signal }) : operation;
    for (let pause = 100; "id" in now && now.status === "queued"; pause = Math.min(pause * 1.5, 2000)) {
      const left = end - Date.now();
      if (left <= 0) {
        throw new WaitTimeoutError(`Operation ${now.id} is not done after ${timeout / 1000} s.`, { code: "wait_timeout", retryable: true });
      }
      await sleep(Math.min(pause, left), signal);
      now = await this.operation(now.id, { signal });
    }
    if ("id" in now && now.status === "failed") {
      throw new OperationFailedError(`Operation ${now.id} failed: ${now.reason}.`, { code: "operation_failed" });
    }
    return now;
  }

  // Projects

  async projects(call: Call = {}): Promise<Schemas["ProjectList"]> {
    return this.request("GET", PROJECTS, call);
  }

  async createProject(name: string, call: Call = {}): Promise<Schemas["Project"]> {
    return this.request("POST", PROJECTS, { ...call, body: { name } });
  }

  async renameProject(id: string, name: string, call: Call = {}): Promise<Schemas["Project"]> {
    return this.request("PUT", at(PROJECTS, id), { ...call, body: { name } });
  }

  async deleteProject(id: string, call: Call = {}): Promise<Schemas["Message"]> {
    return this.request("DELETE", at(PROJECTS, id), call);
  }

  // Everything else

  /** Any route of the REST API. A POST or PATCH is made once, anything else again where its answer is lost. */
  async request<T>(method: string, path: string, request: Request = {}): Promise<T> {
    return this.#json(method, path, request);
  }

  #keyed<T>(path: string, body: unknown, { wait, idempotencyKey, signal }: Write): Promise<T> {
    const headers = { "idempotency-key": idempotencyKey ?? someKey() };
    return this.#json("POST", path, { query: { wait: wait || undefined }, body, headers, signal, repeatable: true });
  }

  /** A POST that changes nothing. */
  #read<T>(path: string, body: unknown, signal: AbortSignal | undefined): Promise<T> {
    return this.#json("POST", path, { body, signal, repeatable: true });
  }

  async #json<T>(method: string, path: string, request: Sent): Promise<T> {
    const { status, text } = await this.#send(method, path, request, async (response) => ({
      status: response.status,
      text: await response.text(),
    }));
    try {
      return (text ? JSON.parse(text) : undefined) as T;
    } catch {
      throw new ServerError("The answer is no JSON: is this the address of the server?", { code: "no_json", status });
    }
  }

  /** The one place where requests are made, and made again where that cannot do anything twice. */
  async #send<T>(method: string, path: string, request: Sent, take: (response: Response) => Promise<T>): Promise<T> {
    const { signal, repeatable = method !== "POST" && method !== "PATCH" } = request;
    for (let tried = 1, lost = false; ; tried++) {
      signal?.throwIfAborted();
      const error = await this.#try(method, path, request, take);
      if (!(error instanceof ApiError)) return error.taken;
      const pause = repeatable ? pauseAfter(this.#retry, tried, error) : undefined;
      if (pause === undefined) {
        error.afterLoss = lost;
        throw error;
      }
      // Any of these may have done its work: 502 and 504 come from what stands before the server, 503 when time ran out.
      lost ||= error.status !== 429;
      await sleep(pause, signal);
    }
  }

  async #try<T>(
    method: string,
    path: string,
    { query, body, headers, signal }: Sent,
    take: (response: Response) => Promise<T>,
  ): Promise<{ taken: T } | ApiError> {
    const fetch = this.#fetch ?? globalThis.fetch;
    const sent = body === undefined ? null : JSON.stringify(body);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException(`No answer within ${this.#timeout} ms.`, "TimeoutError")), this.#timeout);
    try {
      const response = await fetch(this.#url + path + queryOf(query), {
        method,
        headers: { ...headers, authorization: `Bearer ${this.#key}`, ...(sent === null ? {} : { "content-type": "application/json" }) },
        body: sent,
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
        // A key is not carried elsewhere.
        redirect: "manual",
      });
      return response.ok ? { taken: await take(response) } : errorOf(response, await response.text());
    } catch (error) {
      signal?.throwIfAborted();
      return unreachable(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function address(given: string): string {
  const url = URL.canParse(given.trim()) ? new URL(given.trim()) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new TypeError("Say where the server is: new Memory({ url: 'https://…' }), or JM_URL in the environment.");
  }
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

function at(prefix: string, id: string, rest = ""): string {
  // An empty one would name the whole list.
  if (["", ".", ".."].includes(id)) throw new TypeError(`"${id}" is no id.`);
  return prefix + encodeURIComponent(id) + rest;
}

function queryOf(query: Record<string, unknown> = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const));
  const given = pairs.filter(([, value]) => value !== undefined && value !== null);
  return given.length > 0 ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

/** Not `crypto.randomUUID`, which pages on plain HTTP do not have. */
function someKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether this very change made the memory what it is: it has the next version, and all that was sent. */
function isDone(memory: Schemas["Memory"], version: number, change: Schemas["MemoryChange"]): boolean {
  const { memory_content, metadata, ...rest } = change;
  const sent = {
    ...rest,
    ...(memory_content == null ? {} : { content: memory_content }),
    ...(metadata == null ? {} : { metadata_: metadata }),
  };
  const same = (a: unknown, b: unknown) => inOrder(a) === inOrder(b);
  return (
    memory.version === version + 1 &&
    Object.entries(sent).every(([name, value]) => value === undefined || same(value, (memory as Record<string, unknown>)[name]))
  );
}

/** As JSON, whatever order the fields had. */
function inOrder(value: unknown): string {
  const sorted = (_: string, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part;
  return JSON.stringify(value, sorted);
}

/** Of what fetch threw, only the words: it may hold the request, and with it the key. */
function unreachable(error: unknown): UnreachableError {
  const { message, cause } = error as Error;
  const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return new UnreachableError(why || "No answer.", { code: "unreachable", retryable: true });
}
