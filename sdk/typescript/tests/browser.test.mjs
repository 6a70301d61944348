// The built client in a page of another origin, in Chromium (CHROMIUM names it).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { serve } from "./server.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const PAGE = `<!doctype html><script type="module">
  import { Memory } from "/index.js";
  const told = async () => {
    const settings = await (await fetch("/settings")).json();
    const memory = new Memory(settings);
    const { id } = await memory.add("The page is white ☃.");
    const [hit] = (await memory.search("page")).results;
    const { version } = await memory.update(id, { tags: ["page"] }, { version: 1 });
    const listed = [], lines = [];
    for await (const item of memory.list()) listed.push(item.id);
    for await (const line of memory.export()) lines.push(JSON.parse(line));
    const wrong = await new Memory({ ...settings, apiKey: "jmk_wrong" }).get(id).catch((error) => error.code);
    const ended = await memory.get(id, { signal: AbortSignal.abort() }).catch((error) => error.name);
    await memory.delete(id);
    const { code, requestId } = await memory.get(id).catch((error) => error);
    return [hit.id === id, version, listed.length, lines.length > 2, wrong, ended, code, Boolean(requestId)];
  };
  fetch("/told", { method: "POST", body: JSON.stringify(await told().catch((error) => String(error.stack))) });
</script>`;

test("it runs in a page", { skip: !existsSync(CHROMIUM) && `there is no ${CHROMIUM}`, timeout: 60_000 }, async () => {
  const { url, apiKey } = await (await serve()).account();
  const folder = mkdtempSync(join(tmpdir(), "jmem-page-"));
  let told;
  const said = new Promise((done) => (told = done));
  const pages = createServer(async (request, response) => {
    if (request.url === "/told") {
      let body = "";
      for await (const part of request) body += part;
      response.end();
      return told(JSON.parse(body));
    }
    if (request.url === "/settings") return response.end(JSON.stringify({ url, apiKey }));
    if (request.url === "/") return response.setHeader("content-type", "text/html; charset=utf-8").end(PAGE);
    const file = new URL(`../dist${request.url}`, import.meta.url);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.setHeader("content-type", "text/javascript").end(readFileSync(file));
  }).listen(0, "127.0.0.1");
  await once(pages, "listening");
  const args = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}`, `http://127.0.0.1:${pages.address().port}/`];
  const browser = spawn(CHROMIUM, args, { stdio: "ignore" });
  try {
    assert.deepEqual(await said, [true, 2, 1, true, "unauthenticated", "AbortError", "not_found", true]);
  } finally {
    const gone = once(browser, "exit");
    browser.kill();
    await gone;
    pages.closeAllConnections();
    pages.close();
    rmSync(folder, { recursive: true, maxRetries: 5 });
  }
});
