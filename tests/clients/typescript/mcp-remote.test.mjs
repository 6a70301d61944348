// mcp-remote, the bridge by which hosts that start commands only reach servers with OAuth: it registers itself, sends a browser to
// the page, exchanges the code, and passes calls on. The browser is played by calls of REST.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const { JMEM_BASE, JMEM_USER, JMEM_PASSWORD } = process.env;
const manifest = join(dirname(createRequire(import.meta.url).resolve("mcp-remote/package.json")), "package.json");
const bin = JSON.parse(readFileSync(manifest)).bin;
const PROGRAM = join(dirname(manifest), typeof bin === "string" ? bin : bin["mcp-remote"]);

async function post(path, body, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(new URL(path, JMEM_BASE), { method: "POST", headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

test("mcp-remote gets in", async () => {
  const folder = mkdtempSync(join(tmpdir(), "jmem-mcp-remote-"));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, `${JMEM_BASE}/mcp`, String(30_000 + (process.pid % 10_000)), "--allow-http"],
    // No browser is to be found; the address is printed as well.
    env: { ...process.env, MCP_REMOTE_CONFIG_DIR: folder, BROWSER: "none", DISPLAY: "" },
    stderr: "pipe",
  });
  let printed = "";
  let asked = false;
  transport.stderr.on("data", async (chunk) => {
    printed += chunk;
    const address = /https?:\/\/\S*\/oauth\/authorize\?\S+/.exec(printed)?.[0];
    if (!address || asked) return;
    asked = true;
    const page = await fetch(address, { redirect: "manual" });
    const request = page.headers.get("location").split("/").at(-1);
    const { access_token } = await post("/api/v1/auth/login", { email: JMEM_USER, password: JMEM_PASSWORD });
    const { redirect_to } = await post(`/api/v1/oauth/requests/${request}`, { approve: true }, access_token);
    await fetch(redirect_to);
  });
  const client = new Client({ name: "host", version: "1.0.0" });
  try {
    await client.connect(transport, { timeout: 60_000 });
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === "search_memory"));
    assert.ok(asked, printed);
  } catch (error) {
    throw new Error(`${error.message}\n${printed}`);
  } finally {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
