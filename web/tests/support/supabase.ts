import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";

import { SignJWT, exportJWK, generateKeyPair } from "jose";

/** How long its access tokens work, in seconds. */
const LIFETIME = 3600;

interface Account {
  id: string;
  email: string;
  password: string;
}

/** The part of Supabase Auth that a browser and our server talk to, with real ES256 tokens. */
export class SupabaseDouble {
  readonly asked: string[] = [];
  readonly #accounts = new Map<string, Account>();
  readonly #sessions = new Map<string, Account>();
  #key!: CryptoKey;
  #jwks!: { keys: Record<string, unknown>[] };
  #server = createServer((request, response) => void this.#answer(request, response));
  url = "";

  static readonly anonKey = "sb_publishable_test";

  static async start(): Promise<SupabaseDouble> {
    const double = new SupabaseDouble();
    const pair = await generateKeyPair("ES256", { extractable: true });
    double.#key = pair.privateKey;
    double.#jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "test-key", alg: "ES256", use: "sig" }] };
    await new Promise<void>((done) => double.#server.listen(0, "127.0.0.1", done));
    double.url = `http://127.0.0.1:${(double.#server.address() as AddressInfo).port}`;
    return double;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #session(account: Account) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { email: account.email, role: "authenticated", session_id: randomUUID(), aal: "aal1" };
    const access_token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: "test-key", typ: "JWT" })
      .setIssuer(`${this.url}/auth/v1`)
      .setSubject(account.id)
      .setAudience("authenticated")
      .setIssuedAt(now)
      .setExpirationTime(now + LIFETIME)
      .sign(this.#key);
    const refresh_token = randomUUID();
    this.#sessions.set(refresh_token, account);
    const user = { id: account.id, aud: "authenticated", role: "authenticated", email: account.email, app_metadata: {}, user_metadata: {} };
    return { access_token, refresh_token, token_type: "bearer", expires_in: LIFETIME, expires_at: now + LIFETIME, user };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const send = (status: number, body?: unknown) => {
      response.writeHead(status, {
        "content-type": "application/json",
        "access-control-allow-origin": request.headers.origin ?? "*",
        "access-control-allow-headers": "authorization, apikey, content-type, x-client-info, x-supabase-api-version",
        "access-control-allow-methods": "GET, POST, OPTIONS",
      });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    if (request.method === "OPTIONS") return send(204);
    this.asked.push(`${request.method} ${url.pathname}${url.search}`);
    const path = url.pathname.replace("/auth/v1", "");
    if (path === "/.well-known/jwks.json") return send(200, this.#jwks);
    if (request.headers.apikey !== SupabaseDouble.anonKey) return send(401, { code: 401, msg: "No API key found in request" });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = (chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {}) as Record<string, string>;
    if (path === "/signup") {
      const account = { id: randomUUID(), email: body.email ?? "", password: body.password ?? "" };
      this.#accounts.set(account.email, account);
      return send(200, await this.#session(account));
    }
    if (path === "/token" && url.searchParams.get("grant_type") === "password") {
      const account = this.#accounts.get(body.email ?? "");
      if (account?.password !== body.password || !account) {
        return send(400, { code: 400, error_code: "invalid_credentials", msg: "Invalid login credentials" });
      }
      return send(200, await this.#session(account));
    }
    if (path === "/token") {
      const account = this.#sessions.get(body.refresh_token ?? "");
      this.#sessions.delete(body.refresh_token ?? "");
      return account
        ? send(200, await this.#session(account))
        : send(400, { code: 400, error_code: "refresh_token_not_found", msg: "gone" });
    }
    if (path === "/logout") return send(204);
    return send(404, { code: 404, msg: "not of this double" });
  }
}
