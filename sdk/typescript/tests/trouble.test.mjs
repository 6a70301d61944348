// Lost answers, refusals, calls that are given up, and what none of that may show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import * as client from "@jonathans-memory/client";

import { all, model, proxy as startProxy, serveWith } from "./server.mjs";

const { Memory } = client;
const UNKNOWN = "01890000-0000-7000-8000-000000000000";
const double = await model();
const server = await serveWith(double);
const proxy = await startProxy(server.url);
const retry = { first: 10 };

/** A person behind the proxy, and the same one before it. */
async function flaky(more = {}) {
  const { url, apiKey, newKey } = await server.account();
  proxy.seen.length = 0;
  return { far: new Memory({ url: proxy.url, apiKey, retry, ...more }), near: new Memory({ url, apiKey }), newKey };
}

for (const loss of [
  "lose",
  "cut",
  "refuse",
  { status: 502 },
  { status: 503, headers: { "retry-after": "0" } },
  { status: 504 },
  { status: 429 },
]) {
  test(`an add whose answer is lost is made once: ${JSON.stringify(loss)}`, async () => {
    const { far, near } = await flaky();
    proxy.script = [loss, loss];
    const made = await far.add("The spare key lies under the third pot.");
    assert.deepEqual([made.event, proxy.seen.length, new Set(proxy.seen.map(({ key }) => key)).size], ["ADD", 3, 1]);
    assert.ok(proxy.seen[0].key);
    assert.deepEqual(
      (await all(near.list())).map(({ id, version }) => [id, version]),
      [[made.id, 1]],
    );
  });
}

test("so are a batch, an operation, and what comes too late", async () => {
  const { far, near } = await flaky({ timeout: 500 });
  proxy.script = ["lose"];
  await far.addMany([{ text: "Shelf 1 is blue." }, { text: "Shelf 2 is blue." }]);
  proxy.script = ["lose"];
  await far.wait(await far.add([{ role: "user", content: "I mend clocks." }]));
  proxy.script = ["hang"];
  await far.add("The cellar is dry.");
  assert.equal((await all(near.list())).length, 4);
  const key = { idempotencyKey: "import-1" };
  assert.equal((await near.add("Ann was born in May.", key)).id, (await near.add("Ann was born in May.", key)).id);
});

test("changes whose answer is lost are told as done", async () => {
  const { far, near } = await flaky();
  const { id } = await near.add("The meeting is on Monday.");
  proxy.script = ["lose"];
  const change = { memory_content: "The meeting is on Tuesday.", tags: ["work"], metadata: { z: 1, a: 2 } };
  const changed = await far.update(id, change, { version: 1 });
  assert.deepEqual([changed.content, changed.version, changed.tags], ["The meeting is on Tuesday.", 2, ["work"]]);
  assert.deepEqual(
    proxy.seen.map(({ method }) => method),
    ["PUT", "PUT", "GET"],
  );
  // Somebody else's change is a conflict all the same.
  proxy.script = ["refuse"];
  await near.update(id, { memory_content: "The meeting is on Friday." });
  await assert.rejects(far.update(id, { memory_content: "The meeting is on Sunday." }, { version: 2 }), client.VersionConflictError);
  proxy.script = ["lose"];
  assert.deepEqual((await far.delete(id)).ids, [id]);
  await assert.rejects(far.delete(id), client.NotFoundError);
});

test("reads are made again", async () => {
  const { far, near } = await flaky();
  await near.add("The bicycle is red.");
  proxy.script = ["lose", { status: 502 }];
  assert.equal((await far.search("bicycle")).results.length, 1);
  proxy.script = ["cut"];
  assert.equal((await far.context("bicycle")).memories.length, 1);
  proxy.script = ["refuse"];
  assert.equal((await all(far.list())).length, 1);
  proxy.script = [{ status: 503 }];
  assert.ok((await all(far.export())).length >= 3);
  assert.equal(proxy.seen.length, 9);
});

test("a write without a key is made once", async () => {
  const { far, near } = await flaky();
  const { id } = await near.add("The lamp is green.");
  proxy.script = ["lose"];
  await assert.rejects(far.feedback(id, "POSITIVE"), (error) => {
    assert.ok(error instanceof client.UnreachableError);
    assert.deepEqual([error.status, error.code, error.retryable], [0, "unreachable", true]);
    return true;
  });
  proxy.script = [{ status: 503 }];
  await assert.rejects(far.request("POST", `/api/v1/memories/${id}/undo`), client.ServerError);
  assert.equal(proxy.seen.length, 2);
});

test("tries come to an end, and Retry-After is kept", async () => {
  const { far } = await flaky({ retry: { first: 10, longest: 5000 } });
  proxy.script = Array(10).fill({ status: 503 });
  await assert.rejects(far.search("anything"), (error) => error.code === "http_503" && error.retryable && !/html/.test(error.message));
  assert.equal(proxy.seen.length, 4);
  proxy.script = [{ status: 429, headers: { "retry-after": "1" } }];
  const began = Date.now();
  await far.search("anything");
  assert.ok(Date.now() - began >= 990);
  proxy.script = [{ status: 429, headers: { "retry-after": "60" } }];
  await assert.rejects(far.search("anything"), (error) => error instanceof client.RateLimitedError && error.retryAfter === 60);
  assert.deepEqual(proxy.script, [], "whoever calls decides whether to wait so long");
});

test("an export that breaks off is no whole one", async () => {
  const { far, near } = await flaky();
  await near.addMany(Array.from({ length: 20 }, (_, n) => ({ text: `Book ${n} stands in the hall.` })));
  proxy.script = ["cut"];
  await assert.rejects(all(far.export()), client.UnreachableError);
});

test("each kind of error has a class", async () => {
  const { near, newKey } = await flaky();
  await assert.rejects(near.get(UNKNOWN), (error) => {
    assert.ok(error instanceof client.NotFoundError && error instanceof client.ApiError && error instanceof Error);
    assert.deepEqual([error.name, error.status, error.code, error.retryable], ["NotFoundError", 404, "not_found", false]);
    assert.equal(error.message, `not_found: ${error.detail}`);
    assert.ok(error.requestId);
    return true;
  });
  await assert.rejects(near.add(""), (error) => error instanceof client.InvalidRequestError && error.status === 422);
  await near.add("One text.", { idempotencyKey: "k" });
  await assert.rejects(near.add("Another text.", { idempotencyKey: "k" }), { code: "idempotency_mismatch" });
  const reader = new Memory({ url: server.url, apiKey: await newKey("memory:read") });
  await assert.rejects(reader.add("Something."), (error) => error instanceof client.ForbiddenError && error.code === "insufficient_scope");
});

test("an id is never part of an address", async () => {
  const { near } = await flaky();
  const { id } = await near.add("This stays.");
  for (const wrong of ["", ".", ".."]) await assert.rejects(near.delete(wrong), TypeError);
  for (const wrong of ["../memories", `${id}/history?x=`, "a/b"]) await assert.rejects(near.get(wrong), client.ApiError);
  assert.equal((await near.get(id)).state, "active");
});

test("calls can be given up", async () => {
  const { far } = await flaky({ retry: { first: 5000, longest: 5000 } });
  const given = (milliseconds) => ({ signal: AbortSignal.timeout(milliseconds) });
  // Before it begins, while the server is silent, while the next try is waited for, while an operation is, and in a list.
  await assert.rejects(far.search("x", { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
  assert.equal(proxy.seen.length, 0);
  proxy.script = ["hang"];
  await assert.rejects(far.add("Never mind.", given(100)), { name: "TimeoutError" });
  proxy.script = ["refuse"];
  await assert.rejects(far.search("x", given(100)), { name: "TimeoutError" });
  assert.equal(proxy.seen.length, 2);
  double.delay = 1000;
  const operation = await far.add([{ role: "user", content: "I bake bread." }]);
  await assert.rejects(far.wait(operation, given(150)), { name: "TimeoutError" });
  double.delay = 0;
  await far.addMany([{ text: "Stone 1 is round." }, { text: "Stone 2 is round." }]);
  const stop = new AbortController();
  await assert.rejects(
    (async () => {
      for await (const _ of far.list({ pageSize: 1, signal: stop.signal })) stop.abort();
    })(),
    { name: "AbortError" },
  );
  assert.equal((await far.add("The oven is new.")).event, "ADD", "the client goes on");
});

test("no secret is shown", async () => {
  const apiKey = "jmk_verysecretverysecret";
  const shown = [];
  const failing = async (settings, kind) => {
    const memory = new Memory({ apiKey, retry: { tries: 1 }, ...settings });
    shown.push(inspect(memory, { depth: 9, showHidden: true }), JSON.stringify(memory), String(memory));
    await assert.rejects(memory.search("x"), (error) => {
      shown.push(inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), error.stack);
      return error instanceof kind;
    });
  };
  await failing({ url: server.url }, client.AuthenticationError);
  await failing({ url: "http://127.0.0.1:9" }, client.UnreachableError);
  proxy.script = ["cut"];
  await failing({ url: proxy.url }, client.UnreachableError);
  for (const wrong of [
    { url: server.url, apiKey: `${apiKey}\nmore` },
    { url: `http://user:${apiKey}@host`, apiKey },
    { url: apiKey, apiKey },
  ]) {
    assert.throws(
      () => new Memory(wrong),
      (error) => shown.push(inspect(error)) > 0 && error instanceof TypeError,
    );
  }
  assert.deepEqual(
    shown.filter((text) => text?.includes(apiKey)),
    [],
  );
});

test("something else at the address", async () => {
  const { far } = await flaky();
  proxy.script = [{ status: 200 }];
  await assert.rejects(far.search("x"), { code: "no_json", status: 200 });
  proxy.script = [{ status: 302, headers: { location: `${proxy.url}/elsewhere` } }];
  await assert.rejects(far.search("x"), { status: 302 });
  assert.equal(proxy.seen.length, 2, "a key is not carried elsewhere");
});
