import type { Page } from "@playwright/test";

import { add, expect, registered, row, signedIn, test } from "./support";

/** The code of all pages has been fetched. */
const fetched = (page: Page) =>
  expect
    .poll(() =>
      page.evaluate(
        () => performance.getEntriesByType("resource").filter((each) => /assets\/(operator|playground|charts)-/.test(each.name)).length,
      ),
    )
    .toBeGreaterThanOrEqual(2);

test("a lost server is said, looked for, and what failed is fetched when it is back", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  const ann = await registered(jmem, "ann");
  await add(jmem, ann, "Ann plays the cello.");
  await signedIn(context, ann);
  await page.goto("/memories");
  await expect(row(page, "cello")).toBeVisible();
  await fetched(page);

  await context.setOffline(true);
  await expect(page.getByText(/^Offline, trying again( in [1-5] s| …)$/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Try now" })).toBeVisible();
  await page.getByRole("searchbox").fill("who plays the cello");
  await expect(page.getByRole("alert")).toContainText("This loads as soon as it is back.");
  // What is saved by hand is not tried again by itself, and nothing says that it would be.
  await page.getByRole("button", { name: "Add a memory" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Text").fill("Ann moved to Oslo.");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("The server cannot be reached. Check your connection, then try again.");

  await add(jmem, ann, "Ann has a cello case.");
  await context.setOffline(false);
  await expect(page.getByText(/^Offline/)).toHaveCount(0, { timeout: 8000 });
  await expect(page.getByText("2 results")).toBeVisible();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
  await page.getByRole("button", { name: "Clear search" }).click();
  await expect(row(page, "moved to Oslo")).toBeVisible();
});

test("another page opens without a network, and fills when there is one", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  await signedIn(context, await registered(jmem, "ann"));
  await page.goto("/memories");
  await fetched(page);
  await context.setOffline(true);
  for (const name of ["Dashboard", "Projects", "Learning", "Playground", "Settings"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  }
  await page.getByRole("link", { name: "Projects", exact: true }).click();
  await context.setOffline(false);
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
});

test("code that does not come leaves the page around, and comes later", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/ERR_FAILED|ERR_INTERNET_DISCONNECTED|Failed to fetch dynamically|ApiError/);
  await signedIn(context, await registered(jmem, "ann"));
  // Neither in advance nor when it is asked for.
  await page.route(/assets\/projects-/, (route) => route.abort());
  await page.goto("/memories");
  // The page has started, so config.json asks from here on whether the server is there.
  const projects = page.getByRole("link", { name: "Projects", exact: true });
  await expect(projects).toBeVisible();
  await page.route("**/config.json", (route) => route.abort());
  await projects.click();
  await expect(page.getByRole("heading", { name: "This page could not be shown" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("The server cannot be reached.");
  await expect(page.getByRole("link", { name: "Memories", exact: true })).toBeVisible();
  await page.unroute(/assets\/projects-/);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Projects" })).toBeVisible();
});

test("code that a newer server has no more of is asked for anew, once", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/status of 404|Failed to fetch dynamically|ApiError/);
  await signedIn(context, await registered(jmem, "ann"));
  await page.route(/assets\/projects-/, (route) => route.fulfill({ status: 404, body: "gone" }));
  await page.goto("/memories");
  const reloaded = page.waitForEvent("load");
  await page.getByRole("link", { name: "Projects", exact: true }).click();
  await reloaded;
  await expect(page.getByText("This server has a newer version of the page.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Reload" })).toBeVisible();
});
