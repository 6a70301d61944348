import { add, choose, expect, registered, rest, row, signIn, signedIn, test, PASSWORD } from "./support";

test("a dialog loses no text that was typed", async ({ page, context, jmem, watched }) => {
  const ann = await registered(jmem, "ann");
  await add(jmem, ann, "Ann plays the cello.");
  await signedIn(context, ann);
  await page.goto("/memories");
  await expect(row(page, "cello")).toBeVisible();
  const editor = page.getByRole("dialog", { name: "Add a memory" });
  const asked = page.getByRole("alertdialog");

  await test.step("nothing typed: it closes", async () => {
    await page.keyboard.press("n");
    await expect(editor).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(editor).toHaveCount(0);
  });

  await test.step("it asks, whichever way it would close", async () => {
    await page.keyboard.press("n");
    await editor.getByLabel("Text").fill("Ann moved to Oslo.");
    const ways = [
      () => page.keyboard.press("Escape"),
      () => page.mouse.click(5, 5),
      () => editor.getByRole("button", { name: "Close" }).click(),
      () => editor.getByRole("button", { name: "Cancel" }).click(),
    ];
    for (const close of ways) {
      await close();
      await expect(asked).toContainText("Discard what you typed?");
      await page.keyboard.press("Enter");
      await expect(asked).toHaveCount(0);
      await expect(editor.getByLabel("Text")).toHaveValue("Ann moved to Oslo.");
    }
  });

  await test.step("it outlives a reload", async () => {
    await page.reload();
    await expect(editor).toContainText("This is the text you had not saved.");
    await expect(editor.getByLabel("Text")).toHaveValue("Ann moved to Oslo.");
  });

  await test.step("it outlives the end of the session", async () => {
    watched.expected.push(/status of 401/);
    await editor.getByLabel("Tags").fill("moving");
    await rest(jmem, "POST", "/api/v1/auth/logout-everywhere", ann.token, {}).catch(() => undefined);
    await expect(page.getByText("Your session has ended. Sign in again.")).toBeVisible();
    await signIn(page, ann.email, PASSWORD);
    await expect(editor.getByLabel("Text")).toHaveValue("Ann moved to Oslo.");
    await expect(editor.getByLabel("Tags")).toHaveValue("moving");
  });

  await test.step("what was given up is gone, and what was saved too", async () => {
    await page.keyboard.press("Escape");
    await asked.getByRole("button", { name: "Discard" }).click();
    await expect(editor).toHaveCount(0);
    await page.keyboard.press("n");
    await expect(editor.getByLabel("Text")).toHaveValue("");
    await editor.getByLabel("Text").fill("Ann has a red bicycle.");
    await page.keyboard.press("Control+Enter");
    await expect(row(page, "red bicycle")).toBeVisible();
    await page.keyboard.press("n");
    await expect(editor.getByLabel("Text")).toHaveValue("");
    await page.keyboard.press("Escape");
  });

  await test.step("another person finds none of it", async () => {
    await page.keyboard.press("n");
    await editor.getByLabel("Text").fill("Ann's secret garden");
    await page.reload();
    await expect(editor.getByLabel("Text")).toHaveValue("Ann's secret garden");
    await page.evaluate(() => localStorage.removeItem("jmem.session"));
    const bob = await registered(jmem, "bob");
    await page.goto("/sign-in");
    await signIn(page, bob.email, PASSWORD);
    await expect(page.getByText("No memories yet")).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("secret garden");
  });
});

test("an edit is guarded too, and is saved over a conflict only when told so", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/status of 412/);
  const ann = await registered(jmem, "ann");
  const id = await add(jmem, ann, "Ann plays the cello.");
  await signedIn(context, ann);
  await page.goto(`/memories/${id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("dialog").getByLabel("Text").fill("Ann plays the viola.");
  await page.reload();
  await expect(page.getByRole("dialog").getByLabel("Text")).toHaveValue("Ann plays the viola.");
  await rest(jmem, "PUT", `/api/v1/memories/${id}`, ann.token, { memory_content: "Ann plays the harp." });
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("dialog")).toContainText("Current version");
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").getByRole("button", { name: "Keep editing" }).click();
  await expect(page.getByRole("dialog")).toContainText("Ann plays the viola.");
  await page.getByRole("button", { name: "Keep theirs" }).click();
  await expect(page.getByTestId("memory-text")).toHaveText("Ann plays the harp.");
  await page.reload();
  await expect(page.getByTestId("memory-text")).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("a secret that was not copied is not closed by chance", async ({ page, context, jmem }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signedIn(context, await registered(jmem, "ann"));
  const asked = page.getByRole("alertdialog");
  const dialog = page.getByRole("dialog");

  await page.goto("/memories");
  await page.getByRole("link", { name: "Clients", exact: true }).click();
  await page.getByRole("button", { name: "Connect a client" }).first().click();
  await dialog.getByRole("button", { name: "Cursor" }).click();
  await dialog.getByRole("button", { name: "Create link" }).click();
  await expect(page.getByText("Waiting for the first call")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(asked).toContainText("Close without copying?");
  await asked.getByRole("button", { name: "Go back" }).click();
  await page.goBack();
  await expect(asked).toContainText("Close without copying?");
  await asked.getByRole("button", { name: "Go back" }).click();
  await expect(dialog.getByLabel(/mcp\.json/)).toContainText("jme_");
  await dialog.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(dialog.getByRole("button", { name: "Copied", exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.goto("/settings?tab=keys");
  await page.getByRole("button", { name: "New API key" }).click();
  await page.getByLabel("What is it for?").fill("backup");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog.locator("pre")).toContainText("jmk_");
  await page.keyboard.press("Escape");
  await asked.getByRole("button", { name: "Close anyway" }).click();
  await expect(dialog).toHaveCount(0);
});

test("the focus goes to what is to be done, and back to where it came from", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  for (const text of ["third", "second", "first"]) await add(jmem, ann, `the ${text} memory`);
  await signedIn(context, ann);
  await page.goto("/memories");
  await expect(page.getByRole("listitem")).toHaveCount(3);

  await test.step("typing starts in the text", async () => {
    await page.keyboard.press("n");
    await expect(page.getByLabel("Text")).toBeFocused();
    await page.keyboard.type("I like tea");
    await expect(page.getByLabel("Text")).toHaveValue("I like tea");
    await page.keyboard.press("Control+Enter");
    await expect(row(page, "I like tea")).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  await test.step("after an edit the row has it again", async () => {
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: "the first memory" })).toBeFocused();
    await page.keyboard.press("e");
    await expect(page.getByLabel("Text")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("link", { name: "the first memory" })).toBeFocused();
  });

  await test.step("from a menu, its button has it again", async () => {
    await choose(page, "the second memory", "Edit");
    await expect(page.getByLabel("Text")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(row(page, "the second memory").getByRole("button", { name: "More actions" })).toBeFocused();
  });

  await test.step("# and Enter delete, and the next row has the focus", async () => {
    await page.getByRole("link", { name: "the first memory" }).focus();
    await page.keyboard.press("#");
    await expect(page.getByRole("dialog").getByRole("button", { name: "Delete" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(row(page, "the first memory")).toHaveCount(0);
    await expect(page.getByRole("link", { name: "the second memory" })).toBeFocused();
  });

  await test.step("what nothing brings back is not done by Enter alone", async () => {
    await rest(jmem, "POST", "/api/v1/endpoints/", ann.token, { client: "cursor" });
    await page.goto("/connect");
    await page.getByRole("button", { name: "More actions: Cursor" }).click();
    await page.getByRole("menuitem", { name: "Revoke" }).click();
    await expect(page.getByRole("dialog").getByRole("button", { name: "Cancel" })).toBeFocused();
  });
});
