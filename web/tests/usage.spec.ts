import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Locator, Page } from "@playwright/test";

import { fieldsOf, granted } from "../src/features/operator/granted";
import { byDay, level, monthsTo, shares } from "../src/features/usage/spent";
import { type Person, add, choose, test as base, expect, registered, rest, row, signedIn } from "./support";
import { clean } from "./support/axe";
import { Jmem } from "./support/jmem";

const PLANS = `
version = 7
currency = "usd"

[[plans]]
id = "small"
title = "Small"
features = ["import"]
limits = { memories = 5, adds_per_month = 20, projects = 3 }

[[plans]]
id = "large"
title = "Large"
features = ["inference", "import"]
price_per_month = 9_000_000
trial_days = 14
limits = { memories = 50_000, bytes = 200_000_000, spend_per_month = 5_000_000 }
included = { llm_tokens = 2_000_000 }

[[prices]]
meter = "adds"
from = "2020-01-01"
micros = 500_000
per = 1
`;

/** A server whose plans are narrow. */
const test = base.extend<object, { jmem: Jmem }>({
  jmem: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "jmem-plans-"));
      const file = join(folder, "plans.toml");
      await writeFile(file, PLANS);
      const jmem = await Jmem.start({ JM__PLANS__FILE: file, JM__PLANS__DEFAULT: "small" });
      await use(jmem);
      expect(await jmem.stop(), "the server's log").toEqual([]);
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
});

const card = (page: Page, title: string): Locator =>
  page.locator("section").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
const meter = (page: Page, name: string): Locator => page.getByRole("meter", { name, exact: true });

/** Whoever runs the service. */
async function operator(jmem: Jmem): Promise<Person> {
  const ann = await registered(jmem, "operator");
  await jmem.cli("user", "role", ann.email, "operator");
  return ann;
}

async function fill(jmem: Jmem, person: Person, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await add(jmem, person, `Ann has bicycle number ${n}.`);
}

test("what is used is shown against the plan, by whom, and what it costs", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  await fill(jmem, ann, 3);
  await add(jmem, ann, "Ann plays the cello.", { app: "cursor" });
  await rest(jmem, "POST", "/api/v1/memories/search", ann.token, { query: "cello" });
  await signedIn(context, ann);
  await page.goto("/settings");
  await page.getByRole("link", { name: "Usage", exact: true }).click();

  await test.step("the plan and the amounts", async () => {
    await expect(page.getByRole("heading", { level: 1, name: "Usage" })).toBeVisible();
    await expect(card(page, "Plan")).toContainText(/Small\s*Active\s*Free of charge · It goes on until you choose another one\./);
    await expect(meter(page, "Memories")).toHaveAttribute("aria-valuetext", "4 of 5, 80%");
    await expect(meter(page, "Added")).toHaveAttribute("aria-valuetext", "4 of 20, 20%");
    await expect(page.getByRole("main")).toContainText(/Searches1no limit/);
    await expect(page.getByRole("main")).toContainText(/Estimated \d+ by the end of the month/);
    await expect(page.getByText("Memories: 80% of what your plan has is used.")).toBeVisible();
  });

  await test.step("by day, app and key", async () => {
    const where = card(page, "Where it goes");
    await where.getByText("Show the figures").click();
    await expect(where.getByRole("row")).toHaveText(["DateAdded", /^\d{4}-\d\d-\d\d4$/]);
    await expect(where).toContainText(/By appYou3Cursor1By keySigned in, no key4$/);
    await where.getByRole("combobox", { name: "What is counted" }).selectOption("Searches");
    await expect(where).toContainText(/By appYou1By keySigned in, no key1$/);
    await where.getByRole("combobox", { name: "What is counted" }).selectOption("Model tokens");
    await expect(where).toContainText("Nothing yet this month.");
  });

  await test.step("what is used up, as it happens, and what goes on", async () => {
    await add(jmem, ann, "Ann lives in Oslo.");
    await expect(meter(page, "Memories")).toHaveAttribute("aria-valuetext", "5 of 5, 100%");
    await expect(
      page.getByText(
        "Your plan holds no more memories. Nothing is added until you delete some or choose a larger plan. Search, export and delete go on.",
      ),
    ).toBeVisible();
    await expect(page.getByText("Used up", { exact: true })).toBeVisible();
  });

  await test.step("the statement of this month and of another one", async () => {
    const cost = card(page, "Cost");
    await expect(cost).toContainText(/\$2\.50\w+ \d{4}, so far/);
    // What the page itself read is a line, too.
    for (const line of ["Plan Small$0.00", "Added5 used · $0.50 each$2.50", "Searches1 used$0.00", "Total$2.50"]) {
      await expect(cost.getByRole("row").filter({ hasText: line })).toHaveText(line);
    }
    const coming = page.waitForEvent("download");
    await cost.getByRole("button", { name: "Download CSV" }).click();
    const file = await coming;
    const month = file.suggestedFilename().slice("statement-".length, -".csv".length);
    expect(month).toMatch(/^\d{4}-\d\d$/);
    const csv = await readFile(await file.path(), "utf8");
    expect(csv.split("\r\n").slice(0, 3)).toEqual([
      "month,plan,what,quantity,included,price_micros,per,amount_micros,currency",
      `${month},small,plan,1,0,0,1,0,usd`,
      `${month},small,adds,5,0,500000,1,2500000,usd`,
    ]);
    const months = cost.getByRole("combobox", { name: "Month" });
    await expect(months.getByRole("option")).toHaveCount(12);
    await months.selectOption({ index: 11 });
    await expect(cost.getByRole("row")).toHaveText(["WhatAmount", "Plan Small$0.00", "Total$0.00"]);
    await expect(cost).not.toContainText("so far");
  });
});

test("who is refused for want of room is led to what is used", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/status of 402/);
  const ann = await registered(jmem, "ann");
  await fill(jmem, ann, 4);
  await add(jmem, ann, "Ann has a dog.");
  await signedIn(context, ann);
  const link = page.getByRole("link", { name: "See your usage" });

  await test.step("in a dialog", async () => {
    await page.goto("/memories");
    await expect(row(page, "Ann has a dog.")).toBeVisible();
    await page.getByRole("button", { name: "Add a memory" }).first().click();
    await page.getByLabel("Text").fill("Ann moved to Oslo.");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("alert")).toContainText("Your plan holds 5 memories, and this would be more.");
    await clean(page, "a refusal with a link");
    await link.click();
    await expect(page.getByRole("heading", { level: 1, name: "Usage" })).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  await test.step("in a message in passing", async () => {
    await page.route("**/api/v1/memories/actions/archive", (route) =>
      route.fulfill({
        status: 402,
        contentType: "application/problem+json",
        json: { status: 402, code: "quota_exceeded", detail: "Your plan has no more of this.", retryable: false },
      }),
    );
    await page.goto("/memories");
    // What was typed is not lost on the way.
    await expect(page.getByLabel("Text")).toHaveValue("Ann moved to Oslo.");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Discard" }).click();
    await choose(page, "Ann has a dog.", "Archive");
    await expect(page.getByText("Your plan has no more of this.").first()).toBeVisible();
    await link.click();
    await expect(page.getByRole("heading", { level: 1, name: "Usage" })).toBeVisible();
  });
});

test("a plan is asked for, given by the operator, ended, kept and paid", async ({ page, context, jmem, visitor }) => {
  const [ann, olaf] = [await registered(jmem, "ann"), await operator(jmem)];
  await fill(jmem, ann, 4);
  await signedIn(context, ann);
  await page.goto("/usage");

  await test.step("without a provider of payment, the operator is told", async () => {
    await expect(card(page, "Plans")).toContainText("Payment is not set up on this server");
    await card(page, "Plans").getByRole("button", { name: "Ask for Large" }).click();
    const dialog = page.getByRole("dialog", { name: "Choose Large?" });
    await expect(dialog).toContainText("The operator of this server is told that you want it");
    await clean(page, "choosing a plan");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status").filter({ hasText: "The operator was told that you want Large." })).toBeVisible();
    await expect(dialog).toHaveCount(0);
    await expect(card(page, "Plan")).toContainText("Small");
    const { entries } = await rest<{ entries: { action: string }[] }>(jmem, "GET", "/api/v1/admin/audit", olaf.token);
    expect(entries.map(({ action }) => action)).toContain("subscription.asked");
  });

  const { page: other } = await visitor(olaf);
  const opened = async () => {
    await other.goto("/operator/users");
    await other.getByRole("button", { name: `Plan: ${ann.email}` }).click();
    const dialog = other.getByRole("dialog", { name: `Plan of ${ann.email}` });
    await expect(dialog.getByLabel("Plan", { exact: true })).toBeVisible();
    return dialog;
  };

  await test.step("the operator gives it, with limits of its own", async () => {
    const dialog = await opened();
    await clean(other, "the plan of an account");
    await dialog.getByLabel("Plan", { exact: true }).selectOption("Large");
    await dialog.getByLabel("Memories").fill("many");
    await expect(dialog).toContainText("A number, or “none”.");
    await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
    await dialog.getByLabel("Memories").fill("8");
    await dialog.getByLabel("Bytes of text").fill("none");
    await dialog.getByLabel("Spent beyond the plan (USD)").fill("2.5");
    await other.keyboard.press("Control+Enter");
    await expect(other.getByText(`The plan of ${ann.email} is saved`).first()).toBeVisible();
    await expect(dialog).toHaveCount(0);
    const again = await opened();
    await expect(again.getByLabel("Memories")).toHaveValue("8");
    await expect(again.getByLabel("Bytes of text")).toHaveValue("none");
    await expect(again.getByLabel("Spent beyond the plan (USD)")).toHaveValue("2.5");
    await other.keyboard.press("Escape");
    await page.reload();
    await expect(card(page, "Plan")).toContainText(/Large\s*Active\s*\$9\.00 a month/);
    await expect(meter(page, "Memories")).toHaveAttribute("aria-valuetext", "4 of 8, 50%");
    await expect(meter(page, "Text")).toHaveCount(0);
    await expect(card(page, "Cost")).toContainText("$2.00 of this goes beyond the plan, $2.50 at most.");
  });

  await test.step("it is ended, and kept", async () => {
    await page.getByRole("button", { name: "End plan" }).click();
    await expect(page.getByRole("dialog", { name: "End Large?" })).toContainText("nothing is deleted");
    await page.getByRole("dialog").getByRole("button", { name: "End plan" }).click();
    await expect(card(page, "Plan")).toContainText(/Ends on \w+ 1, \d{4}\. Until then everything works as before\./);
    await page.getByRole("button", { name: "Keep plan" }).click();
    await expect(card(page, "Plan")).toContainText("Active");
    await expect(page.getByRole("button", { name: "End plan" })).toBeVisible();
  });

  await test.step("it is paused, and says so", async () => {
    const dialog = await opened();
    await dialog.getByLabel("State").selectOption("Paused");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toHaveCount(0);
    await page.reload();
    await expect(page.getByText("Nothing is added while it is paused.").first()).toBeVisible();
    await clean(page, "a plan that is paused");
  });

  await test.step("an invoice is noted as paid", async () => {
    const { tenant_id } = await account(jmem, olaf, ann);
    jmem.sql(`
      INSERT INTO invoices (id, tenant_id, month, plan, amount_micros, currency, lines, state, created_at)
      VALUES (randomblob(16), x'${tenant_id.replaceAll("-", "")}', 202501, 'large', 9000000, 'usd', '[]', 'open', 1738368000000000)
    `);
    await page.reload();
    await expect(card(page, "Invoices")).toContainText(/January 2025\s*Open\s*\$9\.00/);
    const dialog = await opened();
    await dialog.getByLabel("Invoice of January 2025").selectOption("Paid");
    await expect(dialog.getByLabel("Invoice of January 2025")).toHaveValue("paid");
    await expect(dialog.getByLabel("Invoice of January 2025")).toBeEnabled();
    await page.reload();
    await expect(card(page, "Invoices")).toContainText(/January 2025\s*paid on .*Paid\s*\$9\.00/);
  });
});

const account = async (jmem: Jmem, by: Person, of: Person) => {
  const { users } = await rest<{ users: { email: string; tenant_id: string }[] }>(jmem, "GET", "/api/v1/admin/users?limit=100", by.token);
  const found = users.find(({ email }) => email === of.email);
  if (!found) throw new Error("no such account");
  return found;
};

test("where people pay by themselves, the page leads there", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  await fill(jmem, ann, 1);
  await signedIn(context, ann);
  const elsewhere = (path: string, body: object) => page.route(`**/api/v1/billing/${path}`, (route) => route.fulfill({ json: body }));
  const plans = await rest(jmem, "GET", "/api/v1/billing/plans", ann.token);
  await elsewhere("plans", { ...plans, self_service: true });
  const subscription = { plan: "small", state: "active", provider: "stripe", overrides: {}, renews_at: "2031-02-01T00:00:00.000000Z" };
  await elsewhere("subscription", subscription);
  await elsewhere("checkout", { outcome: "pay", url: `${jmem.base}/terms` });
  await elsewhere("portal", { url: `${jmem.base}/privacy` });
  await elsewhere("invoices", {
    invoices: [],
    bills: [
      {
        id: "in_1",
        state: "open",
        currency: "usd",
        amount_micros: 9_000_000,
        created_at: "2031-01-01T10:00:00Z",
        url: `${jmem.base}/support`,
      },
    ],
  });
  await page.goto("/usage");
  await expect(card(page, "Plan")).toContainText("Renews on Feb 1, 2031.");
  await expect(page.getByRole("link", { name: "Open bill: Jan 1, 2031" })).toHaveAttribute("href", `${jmem.base}/support`);
  await card(page, "Plans").getByRole("button", { name: "Choose Large" }).click();
  await expect(page.getByRole("dialog")).toContainText("You pay at our payment provider and come back here.");
  await page.getByRole("dialog").getByRole("button", { name: "Choose Large" }).click();
  await page.waitForURL("**/terms");
  await page.goto("/usage");
  await page.getByRole("button", { name: "Change how you pay" }).click();
  await page.waitForURL("**/privacy");
});

for (const [name, colorScheme, viewport] of [
  ["light", "light", { width: 1280, height: 800 }],
  ["dark", "dark", { width: 1280, height: 800 }],
  ["dark, on a phone", "dark", { width: 390, height: 844 }],
  ["light, on a phone", "light", { width: 390, height: 844 }],
] as const) {
  test(`what is used up is seen by everybody: ${name}`, async ({ page, context, jmem }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    const [ann, olaf] = [await registered(jmem, "ann"), await operator(jmem)];
    await fill(jmem, ann, 5);
    const { tenant_id } = await account(jmem, olaf, ann);
    await rest(jmem, "PUT", `/api/v1/admin/accounts/${tenant_id}/subscription`, olaf.token, {
      state: "past_due",
      ends_at: "2035-05-05T00:00:00Z",
      overrides: { adds_per_month: 6 },
    });
    await signedIn(context, ann);
    await page.goto("/usage");
    await expect(page.getByText("Your plan holds no more memories.")).toBeVisible();
    await expect(page.getByText(/^Added: 83% of what your plan has is used\./)).toBeVisible();
    await expect(page.getByText("Pay before May 5, 2035 to keep the plan")).toBeVisible();
    await page.getByText("Show the figures").click();
    await expect(page.locator("[data-loading]")).toHaveCount(0);
    await clean(page, `used up, ${name}`);
  });
}

base("without limits the page says so, and offers nothing", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  await add(jmem, ann, "Ann plays the cello.");
  await signedIn(context, ann);
  await page.goto("/usage");
  await expect(page.getByRole("main")).toContainText("Memories1no limit");
  await expect(card(page, "Plan")).toContainText("Unlimited");
  await expect(page.getByRole("meter")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^(Choose|Ask)/ })).toHaveCount(0);
  await page.getByText("Other plans").click();
  await expect(page.getByRole("button", { name: "Ask for Personal" })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Your plan" })).toContainText("No limits");
});

base("days, months and shares are what they should be", () => {
  expect(monthsTo("2026-02", 4)).toEqual(["2026-02", "2026-01", "2025-12", "2025-11"]);
  const day = { app: "a", key: null, model: "", meter: "adds" as const };
  const days = [
    { ...day, day: "2024-02-29", quantity: 2 },
    { ...day, day: "2024-02-29", quantity: 3, app: "b" },
    { ...day, day: "2024-02-01", quantity: 4, app: "b" },
    { ...day, day: "2024-02-01", quantity: 9, meter: "reads" as const },
  ];
  const figures = byDay(days, "adds", "2024-02");
  expect(figures).toHaveLength(29);
  expect(figures.filter(({ quantity }) => quantity > 0)).toEqual([
    { date: "2024-02-01", quantity: 4 },
    { date: "2024-02-29", quantity: 5 },
  ]);
  expect(shares(days, "adds", ({ app }) => app)).toEqual([
    ["b", 7],
    ["a", 2],
  ]);
  expect([level(9, null), level(79, 100), level(80, 100), level(100, 100), level(0, 0)]).toEqual(["fine", "fine", "near", "full", "full"]);
});

base("the operator sends what was changed, and nothing else", () => {
  const before = {
    plan: "small",
    state: "trial" as const,
    ends_at: "2026-10-03T23:59:59.999999Z",
    provider: "manual",
    overrides: { memories: 8, bytes: null, spend_per_month: 2_500_000 } as object as Record<string, never>,
  };
  const fields = fieldsOf(before);
  expect(fields).toMatchObject({
    plan: "small",
    state: "trial",
    ends: "2026-10-03",
    memories: "8",
    bytes: "none",
    spend_per_month: "2.5",
    projects: "",
  });
  expect(granted(fields, before)).toEqual({});
  expect(granted({ ...fields, memories: "", projects: "4" }, before)).toEqual({
    overrides: { bytes: null, spend_per_month: 2_500_000, projects: 4 },
  });
  expect(granted({ ...fields, ends: "" }, before)).toEqual({ ends_at: "" });
  // With another plan, the one before is forgotten.
  expect(granted({ ...fields, plan: "large", state: "active", ends: "" }, before)).toEqual({ plan: "large" });
  expect(granted({ ...fields, plan: "large", state: "trial", ends: "" }, before)).toEqual({ plan: "large", state: "trial" });
});
