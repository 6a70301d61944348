import type { Page } from "@playwright/test";

import { add, expect, registered, rest, signedIn, test, yearsLater } from "./support";
import { clean } from "./support/axe";

const OUTSIDE = ["/", "/privacy", "/terms", "/support", "/sign-in", "/register", "/start", "/device"];
const INSIDE = [
  "/welcome",
  "/connect",
  "/dashboard",
  "/memories",
  "/memories?state=held",
  "/memories/{memory}",
  "/review",
  "/apps",
  "/apps/{app}",
  "/projects",
  "/learning",
  "/playground",
  "/usage",
  "/settings",
  "/settings?tab=rules",
  "/settings?tab=keys",
  "/settings?tab=data",
  "/settings?tab=account",
  "/operator/health",
  "/operator/users",
  "/operator/jobs",
  "/operator/audit",
];

async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("[data-loading]")).toHaveCount(0);
}

for (const [name, colorScheme, viewport] of [
  ["light", "light", { width: 1280, height: 800 }],
  ["dark", "dark", { width: 1280, height: 800 }],
  ["dark, on a phone", "dark", { width: 390, height: 844 }],
] as const) {
  test(`no page is closed to anybody: ${name}`, async ({ page, context, jmem, watched }) => {
    test.setTimeout(300_000);
    watched.expected.push(/ERR_INTERNET_DISCONNECTED|status of 404/);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    for (const path of OUTSIDE) {
      await page.goto(path);
      await settled(page);
      await clean(page, path);
    }
    const ann = await registered(jmem, "ann");
    await jmem.cli("user", "role", ann.email, "operator");
    const memory = await add(jmem, ann, "Ann plays the cello. See https://example.com/cello", {
      tags: ["music"],
      app: "claude",
      metadata: { a: 1 },
    });
    await rest(jmem, "PUT", `/api/v1/memories/${memory}`, ann.token, {
      memory_content: "Ann plays the viola. See https://example.com/viola",
    });
    await add(jmem, ann, "Ann lives in Oslo.", { memory_type: "episodic" });
    await rest(jmem, "POST", "/api/v1/learning/feedback", ann.token, {
      memory_id: memory,
      feedback: "POSITIVE",
      query: "what does Ann play",
    });
    await rest(jmem, "POST", "/api/v1/learning/policy", ann.token);
    await yearsLater(jmem, ann);
    await rest(jmem, "POST", "/api/v1/endpoints/", ann.token, { client: "claude" });
    await rest(jmem, "POST", "/api/v1/keys/", ann.token, { name: "backup" });
    const { apps } = await rest<{ apps: { id: string }[] }>(jmem, "GET", "/api/v1/apps/", ann.token);
    await signedIn(context, ann);
    for (const path of INSIDE) {
      await page.goto(path.replace("{memory}", memory).replace("{app}", apps[0]?.id ?? ""));
      await settled(page);
      await clean(page, path);
    }

    await rest(jmem, "DELETE", "/api/v1/memories/", ann.token, { memory_ids: [await add(jmem, ann, "Ann had a cat.")] });
    const { items } = await rest<{ items: { id: string }[] }>(jmem, "POST", "/api/v1/memories/filter", ann.token, { states: ["deleted"] });
    await page.goto(`/memories/${items[0]?.id}`);
    await expect(page.getByRole("button", { name: "Restore" })).toBeVisible();
    await clean(page, "a deleted memory");

    // What opens over a page.
    await page.goto("/memories");
    await page.getByRole("button", { name: "Add a memory" }).first().click();
    await clean(page, "adding a memory");
    await page.getByLabel("Text").fill("Ann has a bicycle.");
    await page.keyboard.press("Escape");
    await clean(page, "asking before a text is lost");
    await page.getByRole("button", { name: "Discard" }).click();
    await context.setOffline(true);
    await expect(page.getByRole("button", { name: "Try now" })).toBeVisible();
    await clean(page, "without a server");
    await context.setOffline(false);
    await expect(page.getByRole("button", { name: "Try now" })).toHaveCount(0);
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByRole("checkbox").first().click();
    await clean(page, "a selection, with filters");
    await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
    await clean(page, "asking before a deletion");
    await page.keyboard.press("Escape");
    await page.getByRole("listitem").first().getByRole("button", { name: "More actions" }).click();
    await clean(page, "the menu of a memory");
    await page.goto("/connect");
    await page.getByRole("button", { name: "Connect a client" }).click();
    await clean(page, "choosing a client");
    await page.getByRole("button", { name: "Cursor" }).click();
    await page.getByText("Options").click();
    await clean(page, "setting a client up");
    await page.getByRole("button", { name: "Create link" }).click();
    await expect(page.getByText("Waiting for the first call")).toBeVisible();
    await clean(page, "the secret of a client");
  });
}

test("the page speaks Chinese where the reader does", async ({ page, context, jmem }) => {
  await context.addInitScript(() => localStorage.setItem("jmem.language", "zh"));
  await signedIn(context, await registered(jmem, "mei"));
  for (const path of [
    "/",
    "/memories",
    "/connect",
    "/device",
    "/dashboard",
    "/settings",
    "/playground",
    "/apps",
    "/projects",
    "/learning",
    "/usage",
    "/welcome",
  ]) {
    await page.goto(path);
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
    await settled(page);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(/\p{Script=Han}/u);
  }
  await page.getByRole("button", { name: "语言" }).click();
  await page.getByRole("menuitemradio", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Three steps to your first memory" })).toBeVisible();
});
