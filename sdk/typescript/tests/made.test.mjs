// What is made is not stale, types hold, the package has all that it needs, and its README says what is so.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { CLEAN, run, serve } from "./server.mjs";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const node = (...args) => run(process.execPath, args, { cwd: HERE });

test("the types are those of the OpenAPI document", () => node("generate.mjs", "--check"));

test("the types of the examples hold", () => node("node_modules/typescript/bin/tsc", "--noEmit"));

test("the package is whole, and depends on nothing", async () => {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: HERE });
  const names = [JSON.parse(stdout)]
    .flat()
    .flatMap((pack) => pack.files ?? Object.values(pack)[0].files)
    .map(({ path }) => path);
  const modules = ["client", "errors", "index", "retry", "schema"].flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.js`]);
  assert.deepEqual(names.sort(), ["LICENSE", "README.md", ...modules, "package.json"].sort());
  assert.equal(JSON.parse(readFileSync(join(HERE, "package.json"), "utf8")).dependencies, undefined);
});

test("the README says what is so", async () => {
  const account = await (await serve()).account();
  const blocks = [...readFileSync(join(HERE, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(([, block]) => block);
  assert.ok(blocks.length >= 1);
  // Inside the package, so that it finds itself by its name.
  const folder = mkdtempSync(join(HERE, "dist", "readme-"));
  try {
    for (const [number, block] of blocks.entries()) {
      const script = join(folder, `block${number}.mjs`);
      writeFileSync(script, block);
      await run(process.execPath, [script], { env: { ...CLEAN, ...account.env } });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
