import { test as base } from "@playwright/test";

import { PASSWORD, connected, expect, row, someone, tool, unexpected, watch } from "./support";
import { Jmem } from "./support/jmem";
import { Program, call } from "./support/oauth";
import { SupabaseDouble } from "./support/supabase";

base("Supabase signs people in where the server says so", async ({ context, page }) => {
  const supabase = await SupabaseDouble.start();
  const jmem = await Jmem.start({
    SUPABASE_URL: supabase.url,
    SUPABASE_ANON_KEY: SupabaseDouble.anonKey,
    JM__AUTH__ACCOUNTS: "false",
  });
  // The identity provider is the one other origin that the page may talk to.
  const watched = watch(context, [jmem.base, supabase.url]);
  const email = someone("maria");
  await page.goto(`${jmem.base}/register`);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Three steps to your first memory" })).toBeVisible();

  await page.getByRole("button", { name: "Cursor" }).click();
  await page.getByRole("button", { name: "Create link" }).click();
  const config = await page.getByLabel(/mcp\.json/).textContent();
  const client = await connected((JSON.parse(config ?? "") as { mcpServers: { memory: { url: string } } }).mcpServers.memory.url);
  await tool(client, "add_memories", { text: "Maria lives in Lisbon." });
  await expect(page.getByText("Your first memory has arrived")).toBeVisible();

  // The session outlives a reload, and its end is an end.
  await page.goto(`${jmem.base}/settings`);
  await expect(page.getByText(email)).toBeVisible();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("jmem.session")))).toEqual([]);

  watched.expected.push(/status of 400.*\/auth\/v1\/token/s);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("wrong");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("link", { name: "Memories", exact: true }).first().click();
  await expect(row(page, "Maria lives in Lisbon.")).toBeVisible();

  // The built-in accounts are closed, and a token that the provider did not sign opens nothing.
  const closed = await fetch(`${jmem.base}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  expect(closed.status).toBe(404);
  const other = await SupabaseDouble.start();
  const made = await fetch(`${other.url}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: SupabaseDouble.anonKey, "content-type": "application/json" },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const { access_token } = (await made.json()) as { access_token: string };
  const refused = await fetch(`${jmem.base}/api/v1/auth/me`, { headers: { authorization: `Bearer ${access_token}` } });
  expect(refused.status).toBe(401);

  expect(supabase.asked).toContain("GET /auth/v1/.well-known/jwks.json");
  expect(unexpected(watched)).toEqual([]);
  await other.stop();
  await supabase.stop();
  expect(await jmem.stop()).toEqual([]);
});

base("Supabase signs in whom a program has sent", async ({ context, page }) => {
  const supabase = await SupabaseDouble.start();
  const settings = { SUPABASE_URL: supabase.url, SUPABASE_ANON_KEY: SupabaseDouble.anonKey, JM__AUTH__ACCOUNTS: "false" };
  const jmem = await Jmem.start(settings);
  const program = await Program.start(jmem, "A notebook");
  const watched = watch(context, [jmem.base, supabase.url, program.origin]);
  await page.goto(program.address());
  await page.getByRole("link", { name: "Create account" }).click();
  await page.getByLabel("E-mail address").fill(someone("maria"));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  const tokens = await program.exchange(program.brought[0]?.get("code") ?? "");
  expect((await call(jmem, tokens.access_token, "tools/list")).status).toBe(200);
  expect(unexpected(watched)).toEqual([]);
  await program.stop();
  await supabase.stop();
  expect(await jmem.stop()).toEqual([]);
});
