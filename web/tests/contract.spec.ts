import { readFile } from "node:fs/promises";
import { join } from "node:path";

import openapiTS, { astToString } from "openapi-typescript";

import { en } from "../src/i18n/en";
import { legal as legalEn } from "../src/i18n/en/legal";
import { operator as operatorEn } from "../src/i18n/en/operator";
import { usage as usageEn } from "../src/i18n/en/usage";
import { zh } from "../src/i18n/zh";
import { legal as legalZh } from "../src/i18n/zh/legal";
import { operator as operatorZh } from "../src/i18n/zh/operator";
import { usage as usageZh } from "../src/i18n/zh/usage";
import { CLIENTS, fitsAsLabel, isPublic, otherClient } from "../src/lib/clients";
import { byDay, feedbackByDay } from "../src/lib/activity";
import { events } from "../src/api/stream";
import { SORTS } from "../src/routes";
import { dateAlone, dayOf, daysFromToday, endOfDay, startOfDay } from "../src/lib/days";
import { sorting } from "../src/features/memories/sorts";
import { expect, registered, signedIn, test } from "./support";

test("the types of the API are those of the server", async ({ jmem }) => {
  const document = await (await fetch(`${jmem.base}/openapi.json`)).json();
  const written = await readFile(join(import.meta.dirname, "../src/api/schema.ts"), "utf8");
  const now = astToString(await openapiTS(document));
  expect(written.includes(now), "run 'npm run api' in web/ beside a running server").toBe(true);
});

test("every page that the server knows opens by its address, and nothing else does", async ({ jmem, page, context }) => {
  const source = await readFile(join(import.meta.dirname, "../../src/web/mod.rs"), "utf8");
  const list = /const PAGES[^=]*= &\[([^\]]*)\]/.exec(source)?.[1] ?? "";
  const pages = [...list.matchAll(/"([^"]+)"/g)].map(([, path = ""]) => path);
  expect(pages.length).toBeGreaterThan(15);
  await signedIn(context, await registered(jmem, "ann"));
  for (const path of pages) {
    const address = path
      .replace("{page}", "health")
      .replace("{request}", "BCDF-GHJK")
      .replace("{id}", "01a1ffe7-b251-7549-a92a-a59c27de3386");
    const answer = await fetch(jmem.base + address);
    expect(answer.status, address).toBe(200);
    expect(answer.headers.get("content-type"), address).toContain("text/html");
  }
  for (const path of ["/", "/memories", "/connect", "/settings"]) {
    await page.goto(path);
    await expect(page.getByText("There is nothing here")).toHaveCount(0);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  for (const path of [
    "/api/v1/unknown",
    "/api",
    "/mcp/x/y/z/q",
    "/health/unknown",
    "/metrics/x",
    "/unknown",
    "/assets/unknown.js",
    "/assets/..%2findex.html",
  ]) {
    const answer = await fetch(jmem.base + path);
    expect(answer.headers.get("content-type") ?? "", path).not.toContain("text/html");
    expect(answer.status, path).toBeGreaterThanOrEqual(400);
  }
});

test("the languages have the same texts, each in its own words", () => {
  const same = new Set(["language", "product", "nav.api"]);
  const compare = (a: unknown, b: unknown, path: string) => {
    if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
      expect(Object.keys(b).sort(), path).toEqual(Object.keys(a).sort());
      for (const [key, value] of Object.entries(a)) compare(value, (b as Record<string, unknown>)[key], path ? `${path}.${key}` : key);
    } else if (typeof a === "string") {
      expect(b, path).toBeTruthy();
      if (!same.has(path)) expect(b, `${path} is not translated`).not.toBe(a);
    } else {
      expect(typeof b, path).toBe(typeof a);
    }
  };
  compare(en, zh, "");
  // These come with their pages.
  compare(legalEn, legalZh, "legal");
  compare(operatorEn, operatorZh, "operator");
  compare(usageEn, usageZh, "usage");
});

test("instructions hold the address and what their format asks for", () => {
  const urls = { http: "https://m.example/mcp/x/http/jme_abc", sse: "https://m.example/mcp/x/sse/jme_abc" };
  for (const kind of [...CLIENTS, otherClient("my-client")]) {
    expect(fitsAsLabel(kind.id), kind.id).toBe(true);
    const how = kind.how(en, urls);
    expect(
      how.some(({ code }) => code.includes(urls.http)),
      kind.id,
    ).toBe(true);
    for (const { code } of how) if (code.startsWith("{")) JSON.parse(code);
  }
  expect(fitsAsLabel("a/b")).toBe(false);
  expect(fitsAsLabel(" ")).toBe(false);
  const bases = ["https://m.example", "http://m.example", "https://localhost:1", "http://127.0.0.1:8765", "https://[::1]"];
  expect(bases.filter(isPublic)).toEqual(["https://m.example"]);
});

test("a client is set up for its person, everywhere, and no secret goes into a file that is shared", () => {
  const urls = { http: "https://m.example/mcp/x/http/jme_abc", sse: "https://m.example/mcp/x/sse/jme_abc" };
  const how = (id: string) => CLIENTS.find((kind) => kind.id === id)?.how(en, urls) ?? [];
  expect(how("claude-code")[0]?.code).toBe(`claude mcp add --transport http --scope user memory ${urls.http}`);
  expect(how("gemini-cli")[0]?.code).toBe(`gemini mcp add --transport http --scope user memory ${urls.http}`);
  for (const kind of [...CLIENTS, otherClient("my-client")]) {
    for (const { text } of kind.how(en, urls)) expect(text, kind.id).not.toMatch(/(into|in) \.[\w-]+\/[^:]*:$/);
  }
  expect(
    how("vscode")
      .map(({ text }) => text)
      .join(),
  ).toContain("Keep it out of .vscode/mcp.json");
});

test("a day is a date alone, or begins and ends where its reader lives", () => {
  expect(dateAlone("2026-10-03T00:00:00.000000Z")).toBe("2026-10-03");
  expect(dateAlone("2026-10-03T00:00:00Z")).toBe("2026-10-03");
  for (const moment of ["2026-10-03T00:00:01Z", "2026-10-03T00:00:00.000001Z", "2026-10-03T00:00:00-04:00"]) {
    expect(dateAlone(moment), moment).toBeNull();
  }
  const before = process.env.TZ;
  try {
    for (const [zone, day, start, end] of [
      ["America/New_York", "2026-10-03", "-04:00", "-04:00"],
      // The clocks go back on this day.
      ["America/New_York", "2026-11-01", "-04:00", "-05:00"],
      ["Asia/Kolkata", "2026-10-03", "+05:30", "+05:30"],
      ["America/St_Johns", "2026-01-03", "-03:30", "-03:30"],
      ["UTC", "2026-10-03", "+00:00", "+00:00"],
    ] as const) {
      process.env.TZ = zone;
      expect(startOfDay(day), zone).toBe(`${day}T00:00:00.000000${start}`);
      expect(endOfDay(day), zone).toBe(`${day}T23:59:59.999999${end}`);
      expect(dayOf(startOfDay(day)), zone).toBe(day);
      expect(dayOf(endOfDay(day)), zone).toBe(day);
      expect(daysFromToday(day, new Date(`${day}T22:00:00`)), zone).toBe(0);
      expect(daysFromToday(day, new Date(`${day}T01:00:00`)), zone).toBe(0);
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test("an order is asked for as the server knows it, and the usual one not at all", () => {
  expect(sorting("created-desc")).toEqual({});
  for (const sort of SORTS) expect(en.memories.sorts[sort], sort).toBeTruthy();
  expect(sorting("happened-asc")).toEqual({ sort_column: "occurred_at", sort_direction: "asc" });
  expect(sorting("updated-desc")).toEqual({ sort_column: "updated_at", sort_direction: "desc" });
});

test("a mistyped address is shown as one to people, and is a problem to programs", async ({ jmem, page, watched }) => {
  watched.expected.push(/status of 404/);
  await page.goto("/help");
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await expect(page).toHaveTitle(/There is nothing here/);
  for (const [path, lands] of [
    ["/login", "/sign-in"],
    ["/signup", "/register"],
    ["/Privacy", "/privacy"],
    ["/terms/", "/terms"],
    ["/sign-in/?next=%2Fconnect", "/sign-in?next=%2Fconnect"],
  ] as const) {
    await page.goto(path);
    expect(new URL(page.url()).pathname + new URL(page.url()).search, path).toBe(lands);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  const ask = async (path: string, method: string, accept: string) => {
    const answer = await fetch(jmem.base + path, { method, headers: { accept }, redirect: "manual" });
    return [answer.status, answer.headers.get("content-type")?.split(";")[0]];
  };
  const browser = "text/html,application/xhtml+xml,*/*;q=0.8";
  expect(await ask("/help", "GET", browser)).toEqual([404, "text/html"]);
  expect(await ask("/help", "GET", "*/*")).toEqual([404, "application/problem+json"]);
  expect(await ask("/help", "POST", browser)).toEqual([404, "application/problem+json"]);
  for (const path of ["/api/v1/unknown", "/api", "/mcp/x/y/z/q", "/health/unknown", "/assets/unknown.js", "/docs/unknown"]) {
    expect(await ask(path, "GET", browser), path).toEqual([404, "application/problem+json"]);
  }
});

test("days without activity are there, and operations go where they belong", () => {
  const figures = byDay(
    [
      { date: "2026-05-08", operation: "created", app: "a", count: 2 },
      { date: "2026-05-08", operation: "search", app: "b", count: 3 },
      { date: "2026-05-06", operation: "deleted", app: "a", count: 1 },
      { date: "2026-05-08", operation: "search", app: "web", count: 40 },
      { date: "2026-05-08", operation: "inspect", app: "web", count: 40 },
      { date: "2026-05-08", operation: "context", app: "b", count: 2 },
      { date: "2020-01-01", operation: "created", app: "a", count: 9 },
      { date: "2026-05-08", operation: "something new", app: "a", count: 9 },
    ],
    3,
    new Date("2026-05-08T23:00:00Z"),
  );
  expect(figures).toEqual([
    { date: "2026-05-06", recalled: 0, written: 0, changed: 0, deleted: 1, read: 0 },
    { date: "2026-05-07", recalled: 0, written: 0, changed: 0, deleted: 0, read: 0 },
    { date: "2026-05-08", recalled: 3, written: 2, changed: 0, deleted: 0, read: 5 },
  ]);
});

test("days without feedback are there", () => {
  const trend = [
    { date: "2026-05-06T00:00:00.000000Z", events: 2, avg_confidence: 0.5 },
    { date: "2026-05-08T00:00:00.000000Z", events: 1, avg_confidence: 1 },
  ];
  expect(feedbackByDay(trend, 3, new Date("2026-05-08T00:30:00Z"))).toEqual([
    { date: "2026-05-06", events: 2, confidence: 0.5 },
    { date: "2026-05-07", events: 0, confidence: 0 },
    { date: "2026-05-08", events: 1, confidence: 1 },
  ]);
});

test("server-sent events are read however they are cut", async () => {
  const text = `event: ready\ndata: {"a":1}\n\n: silence\n\nid: 7\ndata: one\ndata: two\n\ndata: ünfinished`;
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 7, bytes.length]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const read = [];
    for await (const event of events(body)) read.push(event);
    expect(read).toEqual([
      { id: "", data: '{"a":1}' },
      { id: "7", data: "one\ntwo" },
    ]);
  }
});
