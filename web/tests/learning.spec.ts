import type { Locator, Page } from "@playwright/test";

import { add, expect, registered, rest, row, signedIn, test, yearsLater } from "./support";

/** A card, by its heading. */
const card = (page: Page, title: string): Locator => page.locator("section").filter({ has: page.getByRole("heading", { name: title }) });

test("what was learned is seen, confirmed, taken back, and learned anew", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  const cello = await add(jmem, ann, "Ann plays the cello.");
  const oslo = await add(jmem, ann, "Ann lives in Oslo.", { memory_type: "episodic" });
  await add(jmem, ann, "Ann has a red bicycle.");
  const say = (memory_id: string, feedback: string, more: Record<string, unknown> = {}) =>
    rest<{ id: string }>(jmem, "POST", "/api/v1/learning/feedback", ann.token, { memory_id, feedback, ...more });
  await say(cello, "POSITIVE", { query: "what does Ann play" });
  await say(cello, "POSITIVE", { query: "who plays the cello", confidence: 0.5 });
  await say(oslo, "POSITIVE", { query: "where does Ann live" });
  await say(oslo, "NEGATIVE");
  await rest(jmem, "POST", "/api/v1/projects/", ann.token, { name: "Work" });
  await signedIn(context, ann);

  await test.step("the numbers", async () => {
    await page.goto("/dashboard");
    await page.getByRole("link", { name: "Learning", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Learning" })).toBeVisible();
    await expect(card(page, "By kind")).toContainText(/Fact2.*Event1/);
    await expect(card(page, "By feedback")).toContainText(/Useful3Confidence 83%.*Not useful1Confidence 100%/);
    await card(page, "Last 30 days").getByText("Show the figures").click();
    const today = new Date().toISOString().slice(0, 10);
    await expect(page.getByRole("row").filter({ hasText: today })).toHaveText(`${today}488%`);
    const projects = page.getByRole("combobox", { name: "Project" });
    await projects.selectOption("Work");
    await expect(page.getByText("There is no memory in this project yet.")).toBeVisible();
    await projects.selectOption({ index: 0 });
    await expect(card(page, "By kind")).toContainText("Fact2");
  });

  await test.step("what would fade, and what fades", async () => {
    await expect(page.getByText("Nothing fades in your account until you switch it on.")).toBeVisible();
    await expect(page.getByText("Nothing has faded")).toBeVisible();
    await yearsLater(jmem, ann);
    await page.reload();
    await expect(row(page, "red bicycle")).toContainText(/Strength 50%, would be 10%/);
    await page.getByRole("link", { name: "Open setting" }).click();
    await page.getByRole("switch", { name: "Memories that nobody uses fade" }).click();
    await expect.poll(async () => (await rest<{ decay: boolean }>(jmem, "GET", "/api/v1/settings", ann.token)).decay).toBe(true);
    await page.getByRole("link", { name: "Learning", exact: true }).click();
    await expect(row(page, "red bicycle")).toContainText(/Strength 10%, of 50% when it was last used/);
    await expect(page.getByText("until you switch it on")).toHaveCount(0);
  });

  await test.step("confirm, and take it back", async () => {
    await row(page, "red bicycle").getByRole("button", { name: "Still true" }).click();
    await expect(row(page, "red bicycle")).toContainText("Confirmed: its strength has risen.");
    const fading = async () => JSON.stringify(await rest(jmem, "GET", "/api/v1/learning/fading", ann.token));
    expect(await fading(), "what is confirmed starts anew").not.toContain("red bicycle");
    await expect(card(page, "By feedback")).toContainText("Still true1");
    const back = row(page, "red bicycle").getByRole("button", { name: "Undo" });
    await expect(back).toBeFocused();
    await back.click();
    await expect(row(page, "red bicycle")).toContainText("Undone.");
    await expect(card(page, "By feedback")).not.toContainText("Still true");
  });

  await test.step("archive, and undo", async () => {
    const state = async () => (await rest<{ state: string }>(jmem, "GET", `/api/v1/memories/${oslo}`, ann.token)).state;
    await row(page, "Oslo").getByRole("button", { name: "Archive" }).click();
    await expect(row(page, "Oslo")).toHaveCount(0);
    expect(await state()).toBe("archived");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(state).toBe("active");
  });

  await test.step("the ranking", async () => {
    const ranking = card(page, "Ranking");
    await expect(ranking).toContainText("Nothing has been tried yet.");
    await ranking.getByRole("button", { name: "Retrain" }).click();
    await expect(ranking).toContainText("3 rated searches are too few to tell: it takes 20.");
    await expect(ranking).toContainText(/Rated searches3Quality with the default weights\d+%Quality with the learned weights\d+%/);
    await expect(ranking).toContainText("Default weights");
  });

  await test.step("what was said of one memory", async () => {
    await row(page, "cello").getByRole("link").click();
    await expect(page.getByTestId("memory-text")).toHaveText("Ann plays the cello.");
    await row(page, "found for “what does Ann play”").getByRole("button", { name: "Undo" }).click();
    await expect(row(page, "what does Ann play")).toHaveCount(0);
    await expect(row(page, "found for “who plays the cello”")).toBeVisible();
    const { feedback } = await rest<{ feedback: unknown[] }>(jmem, "GET", `/api/v1/memories/${cello}/feedback`, ann.token);
    expect(feedback, "nothing is forgotten that was said").toHaveLength(3);
  });
});

/** Points at `svg`, and presses Escape as soon as something is shown of it, before the page has drawn it. */
const escapeAtFirstSight = (svg: Element, at: { clientX: number; clientY: number }) =>
  new Promise<void>((pressed) => {
    new MutationObserver((_, shown) => {
      shown.disconnect();
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
      pressed();
    }).observe(svg, { childList: true, subtree: true });
    svg.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, pointerType: "mouse", ...at }));
  });

test.describe("on a touch screen", () => {
  test.use({ hasTouch: true });

  test("a chart tells its figures where it is pointed at or tapped", async ({ page, context, jmem }) => {
    const ann = await registered(jmem, "ann");
    await add(jmem, ann, "Ann plays the cello.");
    await signedIn(context, ann);
    await page.goto("/dashboard");
    await expect(page.getByText("Show the figures")).toBeVisible();
    const chart = card(page, "Activity").locator("svg").first();
    await expect(chart).toBeVisible();
    const box = await chart.boundingBox();
    if (!box) throw new Error("the chart is not there");
    const [x, y] = [box.x + box.width - 20, box.y + box.height / 2];
    const today = page.getByText(new Date().toISOString().slice(0, 10), { exact: true }).first();
    await page.mouse.move(x, y);
    await expect(today).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(today).toBeHidden();
    await chart.evaluate(escapeAtFirstSight, { clientX: x, clientY: y });
    await expect(today).toBeHidden();
    await page.touchscreen.tap(x, y);
    await expect(today).toBeVisible();
    await page.getByRole("heading", { level: 1 }).tap();
    await expect(today).toBeHidden();
  });
});
