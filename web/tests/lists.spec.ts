import { PASSWORD, add, expect, registered, rest, row, signIn, signedIn, test } from "./support";
import { clean } from "./support/axe";

test("a search is there again after going back, a reload and a sign-in", async ({ page, context, jmem, watched }) => {
  const ann = await registered(jmem, "ann");
  for (const text of ["Ann plays the cello.", "Ann lives in Oslo."]) await add(jmem, ann, text, { tags: ["ann"] });
  await add(jmem, ann, "Bob plays the harp.", { tags: ["bob"] });
  await signedIn(context, ann);
  await page.goto("/memories?tag=ann");
  const field = page.getByRole("searchbox");
  const stands = async () => {
    await expect(field).toHaveValue("cello");
    await expect(page).toHaveURL(/\/memories\?tag=ann$/);
    await expect(page.getByRole("listitem").first()).toContainText("plays the cello");
  };
  await field.fill("cello");
  await stands();

  await test.step("the browser's way back", async () => {
    await row(page, "cello").getByRole("link").click();
    await expect(page.getByTestId("memory-text")).toBeVisible();
    await page.goBack();
    await stands();
  });
  await test.step("the page's own way back", async () => {
    await row(page, "cello").getByRole("link").click();
    await page.getByRole("link", { name: "All memories" }).click();
    await stands();
  });
  await test.step("a reload", async () => {
    await page.reload();
    await stands();
  });
  await test.step("the end of the session", async () => {
    watched.expected.push(/status of 401/);
    await rest(jmem, "POST", "/api/v1/auth/logout-everywhere", ann.token, {}).catch(() => undefined);
    await expect(page.getByText("Your session has ended. Sign in again.")).toBeVisible();
    await signIn(page, ann.email, PASSWORD);
    await stands();
  });
  await test.step("the navigation begins anew, and the words are in no address", async () => {
    await page.getByRole("link", { name: "Memories", exact: true }).click();
    await expect(field).toHaveValue("");
    await expect(page.getByText("3 memories", { exact: true })).toBeVisible();
    await page.goBack();
    await stands();
    expect(await page.evaluate(() => location.href + JSON.stringify(history.state))).not.toContain("cello");
  });
  await test.step("signing out forgets it", async () => {
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("cello");
  });
});

test("a deep link keeps its filters through the sign-in", async ({ page, jmem }) => {
  const ann = await registered(jmem, "ann");
  await add(jmem, ann, "Ann plays the cello.", { tags: ["music"] });
  await add(jmem, ann, "Ann lives in Oslo.");
  await page.goto("/memories?tag=music&from=2020-01-01");
  await signIn(page, ann.email, PASSWORD);
  await expect(page).toHaveURL(/\/memories\?tag=music&from=2020-01-01$/);
  await expect(page.getByText("1 memory", { exact: true })).toBeVisible();
});

test("the list is asked for in the order that was chosen", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  await add(jmem, ann, "Ann plays the cello.");
  await signedIn(context, ann);
  await page.goto("/memories");
  const orders: (string | undefined)[] = [];
  // Answered here: that the server sorts is tested with the server.
  await page.route("**/api/v1/memories/filter", async (route) => {
    const { sort_column, sort_direction, ...body } = route.request().postDataJSON() as Record<string, string>;
    orders.push(sort_column && `${sort_column} ${sort_direction}`);
    await route.continue({ postData: JSON.stringify(body) });
  });
  const sort = page.getByRole("combobox", { name: "Sort" });
  await expect(sort).toHaveValue("created-desc");
  for (const [choice, order] of [
    ["Added: oldest first", "created_at asc"],
    ["Happened: latest first", "occurred_at desc"],
    ["Happened: earliest first", "occurred_at asc"],
    ["Changed: latest first", "updated_at desc"],
    ["Changed: earliest first", "updated_at asc"],
  ] as const) {
    await sort.selectOption(choice);
    await expect.poll(() => orders.at(-1)).toBe(order);
  }
  await expect(row(page, "cello")).toContainText("changed");
  await page.reload();
  await expect(sort).toHaveValue("updated-asc");
  await sort.selectOption("Added: newest first");
  await expect(page).toHaveURL(/\/memories$/);
});

test("a search says where it ends, and all means all", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  const memories = Array.from({ length: 130 }, (_, n) => ({ text: `memory ${n} of the red shelf` }));
  await rest(jmem, "POST", "/api/v1/memories/batch", ann.token, { memories, force: true });
  await signedIn(context, ann);
  await page.goto("/memories");
  await expect(page.getByText("130 memories", { exact: true })).toBeVisible();
  await page.getByRole("checkbox").first().click();
  await page.getByRole("button", { name: "Select all 130" }).click();
  await expect(page.getByRole("toolbar")).toContainText("130 selected");
  await page.getByRole("searchbox").fill("red shelf");
  await expect(page.getByText("The first 50: a search shows no more")).toBeVisible();
});

test("a search says what it does not know, and folds what is less alike", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  const texts = ["Ann plays the cello in an orchestra.", "The dentist moved to Harbour Street.", "Tomatoes grow on the balcony."];
  for (const text of texts) await add(jmem, ann, text);
  await signedIn(context, ann);
  await page.goto("/memories");
  const field = page.getByRole("searchbox");
  const less = page.getByRole("list", { name: "Less alike" });

  await test.step("where nothing is known it says so, and shows what there is", async () => {
    await field.fill("Which visa does Kenya require?");
    const live = page.locator("[aria-live]").filter({ hasText: "Nothing you have stored seems to be about this." });
    await expect(live).toBeVisible();
    await expect(page.getByRole("heading", { name: "Best matches" })).toHaveCount(0);
    await expect(less.getByRole("listitem")).toHaveCount(3);
    await expect(less.getByRole("listitem").first()).toContainText(/[<>]?\d%\slikely/);
    await clean(page, "a search that found nothing");
    await page.getByRole("button", { name: "Hide", exact: true }).click();
    await expect(page.getByRole("listitem")).toHaveCount(0);
    await page.getByRole("button", { name: "Show 3 less alike" }).click();
    await expect(less.getByRole("listitem")).toHaveCount(3);
  });
  await test.step("what is known comes first, and the rest waits to be asked for", async () => {
    await field.fill("Who plays the cello in an orchestra?");
    const best = page.getByRole("list", { name: "Best matches" });
    await expect(best.getByRole("listitem").first()).toContainText("Ann plays the cello");
    await expect(best.getByRole("listitem").first()).toContainText(/\d\d%\slikely/);
    const found = await best.getByRole("listitem").count();
    expect(found, "not everything is a good match").toBeLessThan(3);
    await expect(page.getByText(found === 1 ? "1 result" : "2 results", { exact: true })).toBeVisible();
    await expect(less).toHaveCount(0);
    await page.getByRole("button", { name: `Show ${3 - found} less alike` }).click();
    await expect(less.getByRole("listitem")).toHaveCount(3 - found);
    await clean(page, "a search with what is less alike");
    // The keys go over the divider, and back.
    await field.press("ArrowDown");
    await expect(best.getByRole("link").first()).toBeFocused();
    for (let at = 0; at < found; at++) await page.keyboard.press("j");
    await expect(less.getByRole("link").first()).toBeFocused();
    await page.keyboard.press("k");
    await expect(best.getByRole("link").last()).toBeFocused();
  });
});

test("a deleted memory says so at its address, and comes back from there", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/status of 404/);
  const ann = await registered(jmem, "ann");
  const id = await add(jmem, ann, "Ann plays the cello.");
  await rest(jmem, "DELETE", "/api/v1/memories/", ann.token, { memory_ids: [id] });
  await signedIn(context, ann);
  await page.goto(`/memories/${id}`);
  await expect(page.getByText(/^Deleted /)).toBeVisible();
  await expect(page.getByText("Ann plays the cello.")).toBeVisible();
  await page.getByRole("link", { name: "Recently deleted" }).click();
  await expect(row(page, "cello")).toBeVisible();
  await page.goBack();
  await page.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByTestId("memory-text")).toHaveText("Ann plays the cello.");
});

test("the reader's own looks do not hide who read a memory", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  const id = await add(jmem, ann, "Ann plays the cello.", { app: "claude-code" });
  await signedIn(context, ann);
  for (let n = 0; n < 3; n++) {
    await page.goto(`/memories/${id}`);
    await expect(page.getByRole("heading", { name: "Who read this" })).toBeVisible();
  }
  const card = page.locator("section").filter({ has: page.getByRole("heading", { name: "Who read this" }) });
  await expect(card).toContainText(/You, (once|\d+ times)/);
  await expect(card).toContainText("No client has read it yet.");
  await expect(card.getByRole("listitem")).toHaveCount(1);
  await page.goto("/dashboard");
  const byApp = page.locator("section").filter({ has: page.getByRole("heading", { name: "By app" }) });
  await expect(byApp).toContainText("Claude Code1");
  await expect(byApp).not.toContainText("You");
});
