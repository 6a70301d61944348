// The official TypeScript SDKs' OAuth clients get in by themselves: discovery, registration, consent, token, call, refresh,
// step-up, revocation. The person is played by a function that says yes over REST, with the token of their session.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as next from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const { JMEM_BASE, JMEM_USER, JMEM_PASSWORD } = process.env;
const INFO = { name: "jmem-clients", version: "1.0.0" };
const MCP = new URL("/mcp", JMEM_BASE);
const CLAUDE_CODE = "https://claude.ai/oauth/claude-code-client-metadata";

async function rest(method, path, token, body) {
  const answer = await fetch(new URL(path, JMEM_BASE), {
    method,
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.json();
}

// What a client keeps, and the person whom it sends to the page.
class Provider {
  asked = [];
  kept = {};
  redirectUrl = "http://localhost:9877/callback";
  clientMetadata = { client_name: "node", redirect_uris: [this.redirectUrl], token_endpoint_auth_method: "none" };

  constructor(clientMetadataUrl) {
    this.clientMetadataUrl = clientMetadataUrl;
  }
  state = () => "state-of-node";
  clientInformation = () => this.kept.client;
  saveClientInformation = (client) => void (this.kept.client = client);
  tokens = () => this.kept.tokens;
  saveTokens = (tokens) => void (this.kept.tokens = tokens);
  saveCodeVerifier = (verifier) => void (this.kept.verifier = verifier);
  codeVerifier = () => this.kept.verifier;
  invalidateCredentials = (scope) => {
    if (scope === "all" || scope === "tokens") delete this.kept.tokens;
    if (scope === "all" || scope === "client") delete this.kept.client;
  };

  async redirectToAuthorization(address) {
    const answer = await fetch(address, { redirect: "manual" });
    assert.equal(answer.status, 302, await answer.text());
    const request = answer.headers.get("location").split("/").at(-1);
    const { access_token } = await rest("POST", "/api/v1/auth/login", undefined, { email: JMEM_USER, password: JMEM_PASSWORD });
    this.asked.push(await rest("GET", `/api/v1/oauth/requests/${request}`, access_token));
    const { redirect_to } = await rest("POST", `/api/v1/oauth/requests/${request}`, access_token, { approve: true });
    this.back = new URL(redirect_to).searchParams;
    assert.equal(this.back.get("iss"), JMEM_BASE);
  }
}

const generations = {
  "sdk 1.x": {
    transport: (authProvider) => new StreamableHTTPClientTransport(MCP, { authProvider }),
    client: () => new Client1(INFO),
    finish: (transport, back) => transport.finishAuth(back.get("code")),
  },
  "client 2.x": {
    transport: (authProvider) => new next.StreamableHTTPClientTransport(MCP, { authProvider }),
    client: () => new next.Client(INFO, { versionNegotiation: { mode: "auto" } }),
    finish: (transport, back) => transport.finishAuth(back.get("code"), back.get("iss") ?? undefined),
  },
};

// Connects, as a host does: where the person had to be asked, once more with what they said.
async function connected(of, provider) {
  for (let tries = 0; ; tries += 1) {
    const transport = of.transport(provider);
    const client = of.client();
    const before = provider.asked.length;
    try {
      await client.connect(transport);
      return client;
    } catch (error) {
      if (tries > 0 || provider.asked.length === before) throw error;
      await of.finish(transport, provider.back);
    }
  }
}

for (const [name, of] of Object.entries(generations)) {
  for (const document of [undefined, CLAUDE_CODE]) {
    test(`${name} gets in ${document ? "by its document" : "by registering itself"}`, async () => {
      const provider = new Provider(document);
      let client = await connected(of, provider);
      const added = await client.callTool({ name: "add_memories", arguments: { text: "The judge drinks oolong." } });
      assert.ok(!added.isError, added.content[0].text);
      await client.close();
      assert.equal(provider.asked.length, 1);
      assert.equal(provider.asked[0].client.verified, Boolean(document));

      // Its access token is no more: it refreshes, and asks nobody.
      const before = provider.kept.tokens;
      provider.kept.tokens = { ...before, access_token: "jma_gone" };
      client = await connected(of, provider);
      await client.listTools();
      await client.close();
      assert.equal(provider.asked.length, 1);
      assert.notEqual(provider.kept.tokens.refresh_token, before.refresh_token);

      // Shown out: it asks again.
      const form = new URLSearchParams({ token: provider.kept.tokens.refresh_token, client_id: provider.kept.client.client_id });
      assert.equal((await fetch(new URL("/oauth/revoke", JMEM_BASE), { method: "POST", body: form })).status, 200);
      client = await connected(of, provider);
      await client.listTools();
      await client.close();
      assert.equal(provider.asked.length, 2);
    });
  }

  // The 1.x line answers the challenge with its refresh token, which can only bring the same scopes again.
  if (name === "sdk 1.x") continue;

  test(`${name} asks for more when it needs more`, async () => {
    const provider = new Provider();
    const client = await connected(of, provider);
    const call = () => client.callTool({ name: "delete_all_memories", arguments: { confirm: true } });
    await assert.rejects(call);
    assert.equal(provider.asked.length, 2, "the challenge made it ask");
    assert.ok(provider.asked[1].scopes.includes("memory:delete_all"));
    await of.finish(client.transport, provider.back);
    assert.ok(!(await call()).isError);
    await client.close();
  });
}
