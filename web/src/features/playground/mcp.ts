import { ApiError } from "@/api/error";

/** One exchange with the MCP endpoint. */
export interface Exchange {
  request: unknown;
  response: unknown;
  status: number;
  ms: number;
}

/** A tool as the endpoint describes it. */
export interface Tool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: { properties?: Record<string, { type?: string | string[]; description?: string; default?: unknown }>; required?: string[] };
}

/**
 * The little of MCP that a console needs: stateless calls of Streamable HTTP. The key goes in a header, so that it is in no
 * address.
 */
export class McpConsole {
  #next = 1;
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  async call(method: string, params: Record<string, unknown>): Promise<Exchange> {
    const request = { jsonrpc: "2.0", id: this.#next++, method, params };
    const began = performance.now();
    let answer: Response;
    try {
      answer = await fetch("/mcp", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          authorization: `Bearer ${this.#key}`,
        },
        body: JSON.stringify(request),
      });
    } catch {
      throw new ApiError(0, "offline", "The server cannot be reached.");
    }
    const response: unknown = await answer.json().catch(() => null);
    if (answer.status === 401) throw new ApiError(401, "key_ended", "The key has ended.");
    return { request, response, status: answer.status, ms: Math.round(performance.now() - began) };
  }

  async tools(): Promise<Tool[]> {
    const { response, status } = await this.call("tools/list", {});
    const tools = (response as { result?: { tools?: Tool[] } } | null)?.result?.tools;
    if (!tools) throw ApiError.of(status, response);
    return tools;
  }
}
