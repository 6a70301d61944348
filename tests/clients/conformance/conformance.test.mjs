// The public conformance suite against a personal URL, in two releases: the stable one, of which eight scenarios need no
// fixture in the server, and the one that freezes what each revision of the protocol requires. Most scenarios of the latter
// call test tools, prompts and resources that a product must not have; the files expected-failures-*.yml beside this name
// those checks, one by one. A check in them that passes, or one outside them that fails, fails the test.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const { JMEM_HTTP_URL } = process.env;
const here = dirname(fileURLToPath(import.meta.url));
const resolve = createRequire(import.meta.url).resolve;
const results = mkdtempSync(join(tmpdir(), "jmem-conformance-"));
after(() => rmSync(results, { recursive: true, force: true }));

const program = (folder) => {
  const manifest = join(here, "../node_modules", folder, "package.json");
  return join(dirname(manifest), JSON.parse(readFileSync(manifest)).bin.conformance);
};
const STABLE = program("conformance-stable");
const CURRENT = program("@modelcontextprotocol/conformance");

function conformance(suite, ...args) {
  return new Promise((done) => {
    const command = [suite, "server", "--url", JMEM_HTTP_URL, "-o", results, ...args];
    execFile(process.execPath, command, { timeout: 240_000, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      done({ code: error ? (error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}

const SCENARIOS = [
  "server-initialize",
  "ping",
  "tools-list",
  "resources-list",
  "prompts-list",
  "completion-complete",
  "server-sse-multiple-streams",
  "dns-rebinding-protection",
];

for (const scenario of SCENARIOS) {
  test(`conformance 0.1: ${scenario}`, async () => {
    const { code, output } = await conformance(STABLE, "--scenario", scenario);
    assert.equal(code, 0, output);
  });
}

for (const revision of ["2025-11-25", "2026-07-28"]) {
  test(`conformance 0.2: requirements of ${revision}, less the fixtures`, async (t) => {
    const baseline = join(here, `expected-failures-${revision}.yml`);
    const { code, output } = await conformance(CURRENT, "--requirements", revision, "--expected-failures", baseline);
    const summary = output.slice(Math.max(0, output.indexOf("=== SUMMARY")));
    assert.equal(code, 0, summary);
    const [, passed] = summary.match(/Total: (\d+) passed/) ?? [];
    assert.ok(Number(passed) > 0, "the suite made no check");
    t.diagnostic(`${revision}: ${passed} checks hold`);
  });
}

// The suite's scenarios for authorization servers. It prints an address and waits for a person with a browser, who is played by
// calls of REST.
test("conformance 0.2: the authorization server", async () => {
  const base = process.env.JMEM_BASE;
  const json = { "content-type": "application/json" };
  const post = async (path, body, headers = {}) => {
    const answer = await fetch(new URL(path, base), { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.json();
  };
  const port = 20_000 + (process.pid % 20_000);
  const { client_id } = await post("/oauth/register", { client_name: "conformance", redirect_uris: [`http://127.0.0.1:${port}/callback`] });
  const command = [CURRENT, "authorization", "--url", base, "--client-id", client_id, "-p", String(port), "-o", results];
  const suite = spawn(process.execPath, [...command, "--resource", `${base}/mcp`]);
  let output = "";
  let asked = false;
  const listen = async (chunk) => {
    output += chunk;
    const address = /https?:\/\/\S*\/oauth\/authorize\?\S+/.exec(output)?.[0];
    if (!address || asked) return;
    asked = true;
    const page = await fetch(address, { redirect: "manual" });
    const request = page.headers.get("location").split("/").at(-1);
    const { JMEM_USER: email, JMEM_PASSWORD: password } = process.env;
    const { access_token } = await post("/api/v1/auth/login", { email, password });
    const word = await post(`/api/v1/oauth/requests/${request}`, { approve: true }, { authorization: `Bearer ${access_token}` });
    await fetch(word.redirect_to);
  };
  suite.stdout.on("data", listen);
  suite.stderr.on("data", listen);
  const code = await new Promise((done) => suite.on("close", done));
  assert.ok(asked, output);
  assert.equal(code, 0, output);
});
