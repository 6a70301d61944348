// Every example against a model that repeats what it was asked. The SDKs of others want Node 22, which the package `node` brings.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Memory } from "@jonathans-memory/client";

import { all, CLEAN, model as startModel, run, serveWith } from "./server.mjs";

const EXAMPLES = fileURLToPath(new URL("../examples/", import.meta.url));
const NODE = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
const model = await startModel();
const server = await serveWith(model);

async function example(account, name, args, says = "") {
  const keys = { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: "none", ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: "none" };
  model.asked.length = 0;
  const running = run(NODE, ["--no-warnings", EXAMPLES + name, ...args], { env: { ...CLEAN, ...account.env, ...keys }, timeout: 60_000 });
  running.child.stdin.end(says);
  return (await running).stdout;
}

test("none is forgotten", () => assert.deepEqual(readdirSync(EXAMPLES).sort(), ["anthropic-chat.ts", "openai-chat.ts", "vercel-ai.ts"]));

for (const name of ["openai-chat.ts", "anthropic-chat.ts"]) {
  test(`${name}: a chat remembers`, async () => {
    const account = await server.account();
    const memory = new Memory(account);
    await memory.add("Maria is allergic to peanuts.");
    const said = await example(account, name, [], "What may Maria not eat?\nI bought Maria a red kayak.\n");
    assert.equal(said, "You said: What may Maria not eat?\nYou said: I bought Maria a red kayak.\n");
    const shown = model.asked.map((asked) => asked.system ?? asked.messages[0].content);
    assert.ok(shown.length === 2 && shown.every((text) => text.includes("Maria is allergic to peanuts.")));
    const [kayak] = (await all(memory.list())).filter((item) => item.content.includes("kayak"));
    assert.ok(kayak.speaker === "user" && kayak.session_id);
    await example(account, name, [], "Which boat did Maria get?\n");
    assert.match(JSON.stringify(model.asked[0]), /red kayak/, "another conversation knows it");
  });
}

test("vercel-ai.ts: the middleware shows, the tool stores", async () => {
  const account = await server.account();
  const memory = new Memory(account);
  await memory.add("The user has two sisters.");
  assert.match(await example(account, "vercel-ai.ts", ["Remember that my sister is called Ida."]), /^You said: "?ADD/);
  assert.match(model.asked[0].messages[0].content, /The user has two sisters\./);
  assert.deepEqual(
    model.asked[0].tools.map((tool) => tool.function.name),
    ["remember", "search_memory"],
  );
  assert.ok((await all(memory.list())).some((item) => item.content === "my sister is called Ida."));
  await example(account, "vercel-ai.ts", ["What is my sister called?"]);
  assert.match(model.asked[0].messages[0].content, /Ida/);
});
