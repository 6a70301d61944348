import { createHash, randomBytes } from "node:crypto";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Jmem } from "./jmem";

const VERIFIER = "a-verifier-of-at-least-forty-three-characters-123";
/** What a program tells apart its requests by; not everybody's is plain. */
export const STATE = "eyJh.eyJz.s+/=%&ü";

export interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
}

const form = async (address: string, fields: Record<string, string>) => {
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(fields) });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
};

/** Where a program waits for a browser. */
const waiting = (brought: URLSearchParams[]): Server =>
  createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname === "/callback") brought.push(url.searchParams);
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<link rel=icon href=data:,><title>The program</title><h1>Thank you</h1>");
  });

/** A program that wants to be let in: it registers itself, sends a browser, and waits for it on a port of this computer. */
export class Program {
  private constructor(
    private readonly jmem: Jmem,
    readonly id: string,
    readonly redirect: string,
    private readonly server: Server | null,
    /** What browsers brought back. */
    readonly brought: URLSearchParams[],
  ) {}

  /** Without an address, one that waits on this computer. */
  static async start(jmem: Jmem, client_name: string, elsewhere?: string): Promise<Program> {
    const brought: URLSearchParams[] = [];
    const server = elsewhere === undefined ? waiting(brought) : null;
    await new Promise<void>((done) => (server ? server.listen(0, "127.0.0.1", done) : done()));
    const redirect = elsewhere ?? `http://127.0.0.1:${(server?.address() as AddressInfo | null)?.port}/callback`;
    const answer = await fetch(`${jmem.base}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ client_name, redirect_uris: [redirect] }),
    });
    const { client_id } = (await answer.json()) as { client_id: string };
    return new Program(jmem, client_id, redirect, server, brought);
  }

  /** Where it waits, for a list of what a page may ask for. */
  get origin(): string {
    return new URL(this.redirect).origin;
  }

  /** Where it sends people. */
  address(scope = ""): string {
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.id,
      redirect_uri: this.redirect,
      state: STATE,
      code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
      code_challenge_method: "S256",
      resource: `${this.jmem.base}/mcp`,
    });
    if (scope) query.set("scope", scope);
    return `${this.jmem.base}/oauth/authorize?${query}`;
  }

  async exchange(code: string): Promise<Tokens> {
    const fields = { grant_type: "authorization_code", client_id: this.id, code, redirect_uri: this.redirect, code_verifier: VERIFIER };
    const { status, body } = await form(`${this.jmem.base}/oauth/token`, fields);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body as unknown as Tokens;
  }

  /** Lets it in without the page. */
  async letIn(token: string, word: Record<string, unknown> = {}): Promise<Tokens> {
    const asked = await fetch(this.address(String(word.scope ?? "")), { redirect: "manual" });
    const request = /\/authorize\/(\w+)$/.exec(asked.headers.get("location") ?? "")?.[1];
    const { scope: _, ...rest } = word;
    const answer = await fetch(`${this.jmem.base}/api/v1/oauth/requests/${request}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ approve: true, ...rest }),
    });
    const { redirect_to } = (await answer.json()) as { redirect_to: string };
    return this.exchange(new URL(redirect_to).searchParams.get("code") ?? "");
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((done) => (this.server ? this.server.close(() => done()) : done()));
  }
}

/** One call at the endpoint that is for all clients which sign in. */
export async function call(jmem: Jmem, token: string, method: string, params: Record<string, unknown> = {}) {
  const answer = await fetch(`${jmem.base}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: randomBytes(4).readUInt32BE(), method, params }),
  });
  const body = (await answer.json().catch(() => null)) as { result?: { tools?: { name: string }[]; isError?: boolean } } | null;
  return { status: answer.status, result: body?.result };
}

/** A terminal that waits for its person, with the code that it shows. */
export class Terminal {
  private constructor(
    private readonly jmem: Jmem,
    private readonly device: string,
    readonly code: string,
  ) {}

  static async start(jmem: Jmem, scope: string): Promise<Terminal> {
    const { body } = await form(`${jmem.base}/oauth/device_authorization`, { client_id: "jmem", scope });
    return new Terminal(jmem, body.device_code ?? "", body.user_code ?? "");
  }

  ask() {
    const fields = { grant_type: "urn:ietf:params:oauth:grant-type:device_code", client_id: "jmem", device_code: this.device };
    return form(`${this.jmem.base}/oauth/token`, fields);
  }
}
