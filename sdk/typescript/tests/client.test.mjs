// Every method against a running server.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ConflictError,
  Memory,
  NotFoundError,
  OperationFailedError,
  VersionConflictError,
  WaitTimeoutError,
} from "@jonathans-memory/client";

import { all, model, serve, serveWith } from "./server.mjs";

const double = await model();
const server = await serveWith(double);
const someone = async () => new Memory(await server.account());

test("a memory lives", async () => {
  const memory = await someone();
  const made = await memory.add("Maria is allergic to peanuts.", { tags: ["health"], metadata: { from: "a call" }, pinned: true });
  assert.deepEqual([made.event, made.content], ["ADD", "Maria is allergic to peanuts."]);
  const { id } = made;
  const found = await memory.search("What is Maria allergic to?", { limit: 3, tags: ["health"] });
  assert.deepEqual([found.results.map((hit) => hit.id), found.degraded], [[id], false]);
  assert.deepEqual((await memory.search("Maria", { tags: ["other"] })).results, []);

  const there = await memory.get(id);
  assert.deepEqual([there.metadata_, there.tags, there.version], [{ from: "a call" }, ["health"], 1]);
  const changed = await memory.update(id, { memory_content: "Maria is allergic to walnuts." }, { version: 1 });
  assert.deepEqual([changed.content, changed.version, changed.tags], ["Maria is allergic to walnuts.", 2, ["health"]]);
  assert.equal((await memory.update(id, { tags: ["diet"], pinned: false })).content, "Maria is allergic to walnuts.");
  await assert.rejects(memory.update(id, { memory_content: "Nothing." }, { version: 1 }), VersionConflictError);
  assert.deepEqual(
    (await memory.history(id)).history.map((step) => step.event),
    ["created", "updated", "updated"],
  );

  const learned = await memory.feedback(id, "POSITIVE", { query: "allergies" });
  assert.ok(learned.strength_after >= learned.strength_before);
  const right = await memory.feedback(id, "CORRECTION", { text: "Maria is allergic to hazelnuts." });
  assert.equal(right.replacement.memory, "Maria is allergic to hazelnuts.");

  const gone = await memory.delete(right.replacement.id);
  assert.deepEqual([gone.deleted, gone.ids], [1, [right.replacement.id]]);
  assert.deepEqual((await memory.search("hazelnuts")).results, []);
});

test("what is held back can be kept", async () => {
  const memory = await someone();
  const held = await memory.add("thank you!!");
  assert.deepEqual([held.event, held.state], ["NONE", "held"]);
  assert.equal((await memory.keep(held.id)).state, "active");
  assert.equal((await memory.add("Thanks a lot!", { force: true })).event, "ADD");
});

test("a context is made for a model", async () => {
  const memory = await someone();
  await memory.add("The user's boat is called Calypso.");
  const context = await memory.context("What is my boat called?", { tokens: 200 });
  assert.match(context.text, /Calypso/);
  assert.match((await memory.context()).text, /Calypso/);
});

test("lists go on over pages", async () => {
  const memory = await someone();
  const texts = Array.from({ length: 23 }, (_, n) => `Fact number ${n} is about topic ${n * 7}.`);
  const { results } = await memory.addMany(texts.map((text, n) => ({ text, tags: [n % 2 ? "odd" : "even"] })));
  assert.ok(results.length === 23 && results.every((result) => "event" in result));
  assert.deepEqual((await all(memory.list({ pageSize: 5 }))).map((item) => item.content).sort(), [...texts].sort());
  const even = await all(memory.list({ pageSize: 4, tag: ["even"], sort_column: "memory", sort_direction: "asc" }));
  assert.deepEqual(
    even.map((item) => item.content),
    texts.filter((_, n) => n % 2 === 0).sort(),
  );
  assert.equal((await all(memory.list({ tag: ["even", "odd"], pageSize: 200 }))).length, 23);
  for await (const item of memory.list({ pageSize: 2 })) {
    assert.ok(item.id);
    break;
  }
  assert.deepEqual(await all(memory.list({ tags: "none such" })), []);
});

test("unicode comes back as it was, and the export has everything", async () => {
  const memory = await someone();
  const text = "Zoë näht Stoffdrachen ☃ für 王小明 и Анну 🐉 a\u2028b\u0085c";
  assert.equal((await memory.add(text, { tags: ["☃ and, more"], metadata: { größe: "12\u2028" }, speaker: "王小明" })).content, text);
  assert.equal((await memory.search("Stoffdrachen für 王小明")).results[0].memory, text);
  const [listed] = await all(memory.list({ tag: ["☃ and, more"] }));
  assert.deepEqual([listed.metadata_, listed.speaker], [{ größe: "12\u2028" }, "王小明"]);
  await memory.addMany(Array.from({ length: 50 }, (_, n) => ({ text: `Line ${n} of the log book of a ship: ${"🐉".repeat(99)}` })));
  const lines = (await all(memory.export())).map((line) => JSON.parse(line));
  assert.ok(JSON.stringify(lines).includes(JSON.stringify(text).slice(1, -1)));
  assert.equal(lines.filter((line) => JSON.stringify(line).includes("Line")).length, 50);
  assert.ok(lines.length >= 53 && !JSON.stringify(lines).includes("\ufffd"));
});

test("facts are waited for", async () => {
  const memory = await someone();
  double.delay = 1000;
  const operation = await memory.add([
    { role: "user", content: "I moved to Oslo." },
    { role: "user", content: "I keep bees." },
  ]);
  assert.equal(operation.status, "queued");
  await assert.rejects(memory.wait(operation, { timeout: 200 }), (error) => error instanceof WaitTimeoutError && error.retryable);
  const done = await memory.wait(operation.id);
  double.delay = 0;
  assert.deepEqual([done.status, done.results.map((result) => result.memory).sort()], ["done", ["I keep bees.", "I moved to Oslo."]]);
  assert.deepEqual(await memory.operation(operation.id), done);
  const now = await memory.add("I play the cello.", { infer: true, wait: true });
  assert.deepEqual([now.status, now.results.map((result) => result.memory)], ["done", ["I play the cello."]]);
  const failed = { id: "x", status: "failed", reason: "no_model", results: [], tokens: 0, created_at: "" };
  await assert.rejects(memory.wait(failed), (error) => error instanceof OperationFailedError && /no_model/.test(error.message));
});

test("without a model, texts are stored at once", async () => {
  const plain = await serve();
  const memory = new Memory(await plain.account());
  const stored = await memory.add("I sing in a choir.", { infer: true });
  assert.deepEqual([stored.status, stored.results[0].memory], ["done", "I sing in a choir."]);
  const several = await memory.add([
    { role: "user", content: "My cat is called Fritz." },
    { role: "user", content: "My dog is called Rex." },
  ]);
  assert.deepEqual(await memory.wait(several), several);
  assert.deepEqual(new Set(several.results.map((result) => result.event)), new Set(["ADD"]));
});

test("projects", async () => {
  const account = await server.account();
  const memory = new Memory({
    url: server.url,
    apiKey: await account.newKey("memory:read", "memory:write", "memory:delete", "account:manage"),
  });
  const project = await memory.createProject("Boat");
  const painted = await memory.add("The keel is to be painted in May.", { project_id: project.id });
  assert.deepEqual(
    (await all(memory.list({ project_id: project.id }))).map((item) => item.id),
    [painted.id],
  );
  await assert.rejects(memory.createProject("Boat"), (error) => error instanceof ConflictError && error.status === 409);
  assert.equal((await memory.renameProject(project.id, "Ship")).name, "Ship");
  await memory.delete(painted.id, { permanent: true });
  await memory.deleteProject(project.id);
  assert.deepEqual(
    (await memory.projects()).projects.filter((one) => one.name === "Ship"),
    [],
  );
});

test("every other route is within reach", async () => {
  const memory = await someone();
  assert.ok((await memory.request("GET", "/api/v1/auth/me")).client);
  const { id } = await memory.add("Old news of the town.");
  await memory.request("POST", "/api/v1/memories/actions/archive", { body: { memory_ids: [id] } });
  assert.equal((await memory.get(id)).state, "archived");
});

test("two people cannot see one another", async () => {
  const [memory, other] = [await someone(), await someone()];
  const { id } = await memory.add("The code of the shed is 4711.", { tags: ["shed"] });
  assert.deepEqual((await other.search("code of the shed")).results, []);
  assert.deepEqual(await all(other.list({ tag: ["shed"] })), []);
  assert.deepEqual((await other.context("code of the shed")).memories, []);
  assert.ok(!(await all(other.export())).some((line) => line.includes("4711")));
  for (const call of ["get", "history", "delete", "keep"]) await assert.rejects(other[call](id), NotFoundError);
  await assert.rejects(other.update(id, { tags: ["mine"] }), NotFoundError);
  assert.equal((await memory.get(id)).content, "The code of the shed is 4711.");
});
