// The built client in the sandbox of an edge runtime, which has the web's APIs and none of Node's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { EdgeVM } from "@edge-runtime/vm";

import { serve } from "./server.mjs";

test("it runs without Node", async () => {
  const { url, apiKey } = await (await serve()).account();
  const vm = new EdgeVM();
  assert.equal(vm.evaluate("typeof process + typeof require + typeof Buffer"), "undefinedundefinedundefined");
  // The sandbox takes scripts: one after the other, without their imports and exports, the modules are one.
  const files = ["errors", "retry", "client"].map((name) => readFileSync(new URL(`../dist/${name}.js`, import.meta.url), "utf8"));
  const script = files
    .join("\n")
    .replace(/^import .*?;$/gms, "")
    .replace(/^export /gm, "");
  vm.context.settings = { url, apiKey };
  const said = await vm.evaluate(`(async () => {
    ${script}
    const memory = new Memory(settings);
    const { id } = await memory.add("The edge is sharp ☃.");
    const [hit] = (await memory.search("edge")).results;
    const listed = [], lines = [];
    for await (const item of memory.list()) listed.push(item.id);
    for await (const line of memory.export()) lines.push(JSON.parse(line));
    const wrong = await new Memory({ ...settings, apiKey: "jmk_wrong" }).get(id).catch((error) => error.code);
    const ended = await memory.get(id, { signal: AbortSignal.abort() }).catch((error) => error.name);
    return JSON.stringify([hit.id === id, listed.length, lines.length > 2, wrong, ended]);
  })()`);
  assert.deepEqual(JSON.parse(said), [true, 1, true, "unauthenticated", "AbortError"]);
});
