// The official TypeScript SDKs against a running server: the 1.x line that most hosts are built on, and the 2.x line in
// both eras of the protocol.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import * as next from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const { JMEM_HTTP_URL, JMEM_SSE_URL, JMEM_BASE, JMEM_API_KEY } = process.env;
const INFO = { name: "jmem-clients", version: "1.0.0" };
const TOOLS = ["add_memories", "delete_memories", "get_memory", "list_memories", "memory_feedback", "search_memory", "update_memory"];
const detail = "full";
const bearer = { requestInit: { headers: { Authorization: `Bearer ${JMEM_API_KEY}` } } };

async function v1(transport) {
  const client = new Client1(INFO);
  await client.connect(transport);
  return client;
}

async function v2(mode, transport) {
  const client = new next.Client(INFO, { versionNegotiation: { mode } });
  await client.connect(transport);
  return client;
}

const ways = {
  "sdk 1.x, Streamable HTTP": (url = JMEM_HTTP_URL) => v1(new StreamableHTTPClientTransport(new URL(url))),
  "sdk 1.x, bearer key at /mcp": () => v1(new StreamableHTTPClientTransport(new URL("/mcp", JMEM_BASE), bearer)),
  "sdk 1.x, SSE": () => v1(new SSEClientTransport(new URL(JMEM_SSE_URL))),
  "client 2.x, initialize": (url = JMEM_HTTP_URL) => v2("legacy", new next.StreamableHTTPClientTransport(new URL(url))),
  "client 2.x, 2026-07-28": (url = JMEM_HTTP_URL) => v2({ pin: "2026-07-28" }, new next.StreamableHTTPClientTransport(new URL(url))),
  "client 2.x, auto": (url = JMEM_HTTP_URL) => v2("auto", new next.StreamableHTTPClientTransport(new URL(url))),
};

async function call(client, name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  assert.equal(result.content.length, 1);
  return result;
}

async function good(client, name, args) {
  const result = await call(client, name, args);
  assert.ok(!result.isError, result.content[0].text);
  return result;
}

for (const [way, connect] of Object.entries(ways)) {
  test(`${way}: list tools, add, search, list, delete`, async () => {
    const client = await connect();
    const canary = `canary${randomUUID().slice(0, 8)}`;
    const said = `The user plays the ${canary} on Sundays.`;

    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name).sort(), TOOLS);

    const added = await good(client, "add_memories", { text: said });
    const [memory] = added.structuredContent.results;
    assert.equal(memory.memory, said);
    assert.deepEqual(JSON.parse(added.content[0].text), added.structuredContent);

    const found = await good(client, "search_memory", { query: `who plays the ${canary}`, detail });
    assert.equal(found.structuredContent.results[0].id, memory.id);

    const listed = await good(client, "list_memories", { detail });
    assert.ok(listed.structuredContent.memories.some(({ id }) => id === memory.id));

    const gone = await good(client, "delete_memories", { memory_ids: [memory.id] });
    assert.equal(gone.content[0].text, "Successfully deleted 1 memories");
    const after = await good(client, "search_memory", { query: canary, detail });
    assert.ok(!after.structuredContent.results.some(({ id }) => id === memory.id));
    await client.close();
  });

  test(`${way}: mistakes are tool errors, an unknown tool is a protocol error`, async () => {
    const client = await connect();
    for (const [name, args] of [
      ["add_memories", {}],
      ["add_memories", { text: "" }],
      ["search_memory", { query: "" }],
      ["delete_memories", { memory_ids: ["no-such-id"] }],
      ["delete_all_memories", { confirm: true }],
    ]) {
      const result = await call(client, name, args);
      assert.ok(result.isError, `${name} ${JSON.stringify(args)}`);
      assert.match(result.content[0].text, /^Error/);
    }
    await assert.rejects(client.callTool({ name: "no_such_tool", arguments: {} }), { code: -32602 });
    await client.close();
  });
}

test("an unknown secret is refused, and the refusal does not repeat it", async () => {
  const wrong = JMEM_HTTP_URL.replace(/[^/]+$/, "jme_unknown");
  for (const way of ["sdk 1.x, Streamable HTTP", "client 2.x, initialize", "client 2.x, auto"]) {
    await assert.rejects(ways[way](wrong), (error) => {
      assert.ok(!String(error.message).includes("jme_unknown"), error.message);
      return true;
    });
  }
});

test("a wrong key is refused", async () => {
  const requestInit = { headers: { Authorization: "Bearer jmk_wrong" } };
  await assert.rejects(v1(new StreamableHTTPClientTransport(new URL("/mcp", JMEM_BASE), { requestInit })));
});
