import type { Page } from "@playwright/test";

import { add, expect, registered, row, signedIn, test } from "./support";

/** Adds a memory that happened on a day, through the page. */
async function addOn(page: Page, text: string, day: string): Promise<void> {
  await page.getByRole("button", { name: "Add a memory" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Text").fill(text);
  await dialog.getByLabel("When it happened").fill(day);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(row(page, text)).toBeVisible();
}

for (const timezoneId of ["America/New_York", "Europe/Lisbon", "Asia/Tokyo", "Pacific/Kiritimati"]) {
  test.describe(timezoneId, () => {
    test.use({ timezoneId });

    test("a day is the same day for its reader", async ({ page, context, jmem }) => {
      const ann = await registered(jmem, "ann");
      await signedIn(context, ann);
      await page.goto("/memories");
      const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/memories/"));
      await addOn(page, "Ann moved to Oslo.", "2025-10-03");
      expect(((await sent).postDataJSON() as { occurred_at: string }).occurred_at).toBe("2025-10-03");
      await expect(row(page, "moved to Oslo")).toContainText("happened Oct 3, 2025");
      await row(page, "moved to Oslo").getByRole("link").click();
      await expect(page.getByRole("definition").filter({ hasText: /^Oct 3, 2025$/ })).toBeVisible();

      // An end is the end of a day where its reader lives, and the editor says the same day.
      await page.getByRole("button", { name: "Edit" }).click();
      await page.getByLabel("Ends on").fill("2099-06-30");
      await page.getByRole("button", { name: "Save" }).click();
      await expect(page.getByRole("definition").filter({ hasText: /^Jun 30, 2099$/ })).toBeVisible();
      await page.getByRole("button", { name: "Edit" }).click();
      await expect(page.getByLabel("Ends on")).toHaveValue("2099-06-30");
    });

    test("the filters are days where their reader lives", async ({ page, context, jmem }) => {
      const ann = await registered(jmem, "ann");
      // The first and the last moment of 3 October there, and those around it.
      const hours = { "America/New_York": 4, "Europe/Lisbon": -1, "Asia/Tokyo": -9, "Pacific/Kiritimati": -14 }[timezoneId] ?? 0;
      const [first, end] = [Date.UTC(2025, 9, 3, hours), Date.UTC(2025, 9, 4, hours)];
      const moments = { before: first - 1000, begins: first, ends: end - 1000, after: end };
      for (const [name, at] of Object.entries(moments)) {
        await add(jmem, ann, `It ${name} the day.`, { occurred_at: new Date(at).toISOString() });
      }
      await signedIn(context, ann);
      await page.goto("/memories?from=2025-10-03&to=2025-10-03");
      await expect(page.getByText("2 memories", { exact: true })).toBeVisible();
      await expect(row(page, "begins the day")).toContainText("happened Oct 3, 2025");
      await expect(row(page, "ends the day")).toContainText("happened Oct 3, 2025");
    });
  });
}
