import createClient, { type Middleware } from "openapi-fetch";

import { ApiError } from "./error";
import { connection } from "./link";
import type { components, paths } from "./schema";
import { session } from "./session";

export type Schemas = components["schemas"];

const signed: Middleware = {
  async onRequest({ request }) {
    const token = await session.token();
    // A page that is being left asks nothing in nobody's name.
    if (!token) throw new ApiError(401, "unauthenticated", "Nobody is signed in.");
    request.headers.set("authorization", `Bearer ${token}`);
    return request;
  },
  onResponse({ response }) {
    if (response.status === 401) session.ended();
  },
  onError({ request, error }) {
    if (request.signal.aborted) return error as Error;
    connection.try();
    return new ApiError(0, "offline", "The server cannot be reached.");
  },
};

/** The REST API, typed by /openapi.json. */
export const api = createClient<paths>({ baseUrl: "/" });
api.use(signed);

/** The data of an answer; a failure is thrown as an {@link ApiError}. */
export async function ok<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (error !== undefined || !response.ok) throw ApiError.of(response.status, error);
  return data as T;
}

/** A request whose body or answer is no JSON: files. */
export async function raw(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const token = await session.token();
  if (token) headers.set("authorization", `Bearer ${token}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    connection.try();
    throw new ApiError(0, "offline", "The server cannot be reached.");
  }
  if (response.ok) return response;
  if (response.status === 401) session.ended();
  throw ApiError.of(response.status, await response.json().catch(() => null));
}
