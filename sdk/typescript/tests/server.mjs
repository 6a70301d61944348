// Starts `jmem serve` over an empty data directory. JMEM names the binary; without it, the debug build is taken.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { startModel, startProxy } from "./doubles.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const JMEM = resolve(process.env.JMEM ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/jmem"));
export const run = promisify(execFile);

// Neither the product's settings nor anybody's keys may reach what is tried here.
const SETTINGS = /^(JM_|SUPABASE_|DATABASE_URL|PORT|EMBEDDER_|LLM_|OPENAI_|ANTHROPIC_)/;
export const CLEAN = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.test(name)));

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** A server for the tests of one file, gone with them. */
export async function serve(settings = {}) {
  const [port, folder] = [await freePort(), mkdtempSync(join(tmpdir(), "jmem-sdk-"))];
  const url = `http://127.0.0.1:${port}`;
  const env = { ...CLEAN, JM_DATA_DIR: join(folder, "data"), PORT: String(port), EMBEDDER_PROVIDER: "hash", NO_COLOR: "1", ...settings };
  const log = openSync(join(folder, "log"), "w");
  const child = spawn(JMEM, ["serve"], { env, stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = once(child, "exit");
  after(async () => {
    child.kill("SIGTERM");
    const [code] = await ended;
    rmSync(folder, { recursive: true });
    assert.equal(code, 0, "the server did not go quietly");
  });
  for (const end = Date.now() + 60_000; ; await new Promise((done) => setTimeout(done, 50))) {
    const ready = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (ready?.ok) break;
    assert.ok(Date.now() < end && child.exitCode === null, readFileSync(join(folder, "log"), "utf8").slice(-2000));
  }
  const cli = async (...args) => JSON.parse((await run(JMEM, [...args, "--json"], { env, timeout: 60_000 })).stdout);
  let people = 0;
  /** A person of their own, so that no test sees what another leaves behind. */
  const account = async () => {
    const email = `person${people++}@example.com`;
    await cli("user", "create", email);
    const newKey = async (...scopes) => {
      const extra = scopes.length > 0 ? ["--scopes", scopes.join(",")] : [];
      return (await cli("key", "create", "--user", email, ...extra)).api_key;
    };
    const apiKey = await newKey();
    return { url, apiKey, newKey, env: { JM_URL: url, JM_API_KEY: apiKey } };
  };
  return { url, account };
}

export async function model() {
  const started = await startModel();
  after(started.close);
  return started;
}

export async function proxy(target) {
  const started = await startProxy(target);
  after(started.close);
  return started;
}

/** A server that takes facts by the model. */
export const serveWith = ({ url }) => serve({ LLM_PROVIDER: "openai", OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: "none" });

export async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}
