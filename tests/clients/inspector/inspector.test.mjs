// The MCP Inspector's command line against a running server: one process a call, as a script would use it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";

const { JMEM_HTTP_URL, JMEM_SSE_URL } = process.env;
const run = promisify(execFile);

const manifest = createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json");
const launcher = join(dirname(manifest), "clients/launcher/build/index.js");
// It keeps a catalogue of servers in the home directory; this one is nobody's.
const home = mkdtempSync(join(tmpdir(), "jmem-inspector-"));
after(() => rmSync(home, { recursive: true, force: true }));

// Exit codes as its documentation maps them: 0 good, 5 a tool error, 6 a schema that other hosts may refuse.
async function inspect(connection, ...args) {
  const env = { ...process.env, HOME: home };
  const command = [launcher, "--cli", ...connection, "--quiet", "--format", "json", ...args];
  try {
    const { stdout } = await run(process.execPath, command, { env, cwd: home, timeout: 60_000 });
    return { code: 0, answer: JSON.parse(stdout) };
  } catch (error) {
    if (typeof error.code !== "number") throw error;
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

async function good(connection, ...args) {
  const { code, answer, stdout, stderr } = await inspect(connection, ...args);
  assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
  return answer.result ?? answer;
}

const call = (connection, tool, args) =>
  good(connection, "--method", "tools/call", "--tool-name", tool, "--tool-args-json", JSON.stringify(args));

const connections = {
  "http, initialize": ["--server-url", JMEM_HTTP_URL, "--transport", "http", "--protocol-era", "legacy"],
  "http, 2026-07-28": ["--server-url", JMEM_HTTP_URL, "--transport", "http", "--protocol-era", "modern"],
  sse: ["--server-url", JMEM_SSE_URL, "--transport", "sse"],
};

for (const [name, connection] of Object.entries(connections)) {
  test(`inspector over ${name}: list tools strictly, add, search, list, delete`, async () => {
    const { tools } = await good(connection, "--method", "tools/list", "--strict");
    assert.deepEqual(tools.map((tool) => tool.name).sort(), ["add_memories", "delete_memories", "get_memory", "list_memories", "memory_feedback", "search_memory", "update_memory"]);

    const said = `The user's boat is called Canary ${randomUUID().slice(0, 8)}.`;
    const [memory] = (await call(connection, "add_memories", { text: said })).structuredContent.results;
    assert.equal(memory.memory, said);

    const found = await call(connection, "search_memory", { query: said.slice(0, -1), detail: "full" });
    assert.equal(found.structuredContent.results[0].id, memory.id);

    const listed = await call(connection, "list_memories", { detail: "full" });
    assert.ok(listed.structuredContent.memories.some(({ id }) => id === memory.id));

    const gone = await call(connection, "delete_memories", { memory_ids: [memory.id] });
    assert.equal(gone.content[0].text, "Successfully deleted 1 memories");
  });
}

test("inspector: a tool error is told as one", async () => {
  const failed = await inspect(connections["http, initialize"], "--method", "tools/call", "--tool-name", "search_memory", "--tool-args-json", "{}");
  assert.notEqual(failed.code, 0);
  assert.match(failed.stdout + failed.stderr, /query/);
});
