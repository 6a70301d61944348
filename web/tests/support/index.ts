import { type BrowserContext, type Locator, type Page, test as base, expect } from "@playwright/test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { Jmem } from "./jmem";

export { expect };

export const PASSWORD = "correct horse battery";
/** In microseconds. */
const TEN_YEARS = 3650 * 86_400e6;
let people = 0;
/** An e-mail address that nobody else has. */
export const someone = (name: string) => `${name}-${process.pid}-${++people}@example.com`;

/** What a page did that it should not have done. */
export interface Watched {
  complaints: string[];
  /** Answers that a test brings about on purpose: the browser reports each failed request as an error. */
  expected: RegExp[];
}

/** Listens to everything that a visitor's pages say and ask for. */
export function watch(context: BrowserContext, origins: string[]): Watched {
  const watched: Watched = { complaints: [], expected: [] };
  const say = (complaint: string) => watched.complaints.push(complaint);
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") say(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => say(`thrown: ${error.error().message}`));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "blob:" && !origins.includes(url.origin)) say(`request outside: ${request.method()} ${request.url()}`);
  });
  return watched;
}

export function unexpected(watched: Watched): string[] {
  return watched.complaints.filter((complaint) => !watched.expected.some((pattern) => pattern.test(complaint)));
}

interface Fixtures {
  watched: Watched;
  /** Opens a browser of its own for another visitor, listened to as the first one is. */
  visitor: (person?: Person) => Promise<{ page: Page; watched: Watched }>;
}
interface WorkerFixtures {
  jmem: Jmem;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  jmem: [
    async ({}, use) => {
      const jmem = await Jmem.start();
      await use(jmem);
      expect(await jmem.stop(), "the server's log").toEqual([]);
    },
    { scope: "worker" },
  ],
  baseURL: async ({ jmem }, use) => use(jmem.base),
  watched: [
    async ({ context, jmem }, use) => {
      const watched = watch(context, [jmem.base]);
      await use(watched);
      expect(unexpected(watched), "what the pages complained of").toEqual([]);
    },
    { auto: true },
  ],
  visitor: async ({ browser, jmem }, use) => {
    const visitors: { context: BrowserContext; watched: Watched }[] = [];
    await use(async (person) => {
      const context = await browser.newContext({ baseURL: jmem.base });
      const watched = watch(context, [jmem.base]);
      visitors.push({ context, watched });
      if (person) await signedIn(context, person);
      return { page: await context.newPage(), watched };
    });
    for (const { context, watched } of visitors) {
      await context.close();
      expect(unexpected(watched), "what the pages of another visitor complained of").toEqual([]);
    }
  },
});

/** One call of the REST API, beside the page. */
export async function rest<T = Record<string, unknown>>(
  jmem: Jmem,
  method: string,
  path: string,
  token: string | null,
  body?: unknown,
): Promise<T> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(jmem.base + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

export interface Person {
  email: string;
  token: string;
  tokens: { access_token: string; refresh_token: string; expires_in: number };
}

/** An account, made without the page. */
export async function registered(jmem: Jmem, name: string): Promise<Person> {
  const email = someone(name);
  const tokens = await rest<Person["tokens"]>(jmem, "POST", "/api/v1/auth/register", null, { email, password: PASSWORD });
  return { email, token: tokens.access_token, tokens };
}

/** Fills in the form for signing in. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Opens pages as this person, as if they had signed in before. */
export async function signedIn(context: BrowserContext, person: Person): Promise<void> {
  const session = {
    access_token: person.tokens.access_token,
    refresh_token: person.tokens.refresh_token,
    expires_at: Date.now() + person.tokens.expires_in * 1000,
  };
  // Once: what the page writes afterwards stays.
  await context.addInitScript((session) => {
    // Not in the frames that a test sets up without an origin.
    if (window.origin === "null" || sessionStorage.getItem("signed-in-by-test")) return;
    sessionStorage.setItem("signed-in-by-test", "1");
    localStorage.setItem("jmem.session", JSON.stringify(session));
  }, session);
}

export async function add(jmem: Jmem, person: Person, text: string, more: Record<string, unknown> = {}): Promise<string> {
  return (await rest<{ id: string }>(jmem, "POST", "/api/v1/memories/", person.token, { text, force: true, ...more })).id;
}

/** As if all memories of the server had been made, and last used, ten years ago. */
export async function yearsLater(jmem: Jmem, person: Person): Promise<void> {
  // Writes down who read what until now.
  await rest(jmem, "GET", "/api/v1/learning/fading", person.token);
  jmem.sql(
    `UPDATE memories SET created_at = created_at - ${TEN_YEARS}, updated_at = updated_at - ${TEN_YEARS}, last_accessed_at = last_accessed_at - ${TEN_YEARS}`,
  );
}

/** The official SDK at a personal URL. */
export async function connected(url: string): Promise<Client> {
  const client = new Client({ name: "jmem-web-tests", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

export async function tool(client: Client, name: string, args: Record<string, unknown>) {
  const full = name === "search_memory" || name === "list_memories" ? { detail: "full" } : {};
  const result = await client.callTool({ name, arguments: { ...full, ...args } });
  expect(result.isError ?? false, JSON.stringify(result.content)).toBe(false);
  return result.structuredContent as { results: { id: string; memory: string }[] };
}

export const row = (page: Page, text: string): Locator => page.getByRole("listitem").filter({ hasText: text });

/** Chooses an entry of the menu of a memory in the list. */
export async function choose(page: Page, text: string, entry: string): Promise<void> {
  await row(page, text).getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: entry }).click();
}
