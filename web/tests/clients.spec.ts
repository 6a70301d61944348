import { add, connected, expect, registered, rest, row, signedIn, test, tool } from "./support";

test("two clients of one kind are told apart, and paused where they are shown", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  const made = await rest<{ http_url: string }>(jmem, "POST", "/api/v1/endpoints/", ann.token, { client: "claude-code" });
  await rest(jmem, "POST", "/api/v1/endpoints/", ann.token, { client: "claude-code" });
  const client = await connected(made.http_url);
  await tool(client, "add_memories", { text: "Ann plays the cello." });
  await signedIn(context, ann);
  await page.goto("/connect");
  const rows = page.getByRole("list", { name: "Your clients" }).getByRole("listitem");

  await test.step("by their hints, where they have no names", async () => {
    await expect(rows).toHaveCount(2);
    const titles = await rows.getByText(/^Claude Code · jme_\w+…$/).allTextContents();
    expect(new Set(titles).size).toBe(2);
  });

  await test.step("the next one is given a name", async () => {
    await page.getByRole("button", { name: "Connect a client" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Claude Code" }).click();
    await expect(page.getByRole("dialog").getByLabel("Label")).toHaveValue("Claude Code 3");
    await page.getByRole("dialog").getByLabel("Label").fill("The laptop");
    await page.getByRole("dialog").getByRole("button", { name: "Create link" }).click();
    await page.getByRole("button", { name: "I have saved it" }).click();
    await expect(rows.filter({ hasText: "The laptop" })).toContainText("Claude Code · not used yet");
  });

  await test.step("some take their link by a click", async () => {
    for (const [name, scheme] of [
      ["Cursor", "cursor://anysphere.cursor-deeplink/mcp/install?name=memory&config="],
      ["VS Code", "vscode:mcp/install?"],
    ] as const) {
      await page.getByRole("button", { name: "Connect a client" }).click();
      await page.getByRole("dialog").getByRole("button", { name }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Create link" }).click();
      const href = (await page.getByRole("link", { name: `Add to ${name}` }).getAttribute("href")) ?? "";
      expect(href.startsWith(scheme)).toBe(true);
      const config =
        name === "Cursor" ? atob(decodeURIComponent(href.slice(scheme.length))) : decodeURIComponent(href.slice(scheme.length));
      expect((JSON.parse(config) as { url: string }).url).toMatch(/\/mcp\/(cursor|vscode)\/http\/jme_\w+$/);
      await page.getByRole("button", { name: "I have saved it" }).click();
    }
  });

  await test.step("pause and resume", async () => {
    const call = async () => (await client.callTool({ name: "search_memory", arguments: { query: "x" } })).isError ?? false;
    await rows.getByRole("switch", { name: "Claude Code may call" }).first().click();
    await expect(page.getByText("Claude Code is paused", { exact: true })).toBeVisible();
    await expect(rows.getByText("paused", { exact: true }).first()).toBeVisible();
    await expect.poll(call).toBe(true);
    await rows.getByRole("switch", { name: "Claude Code may call" }).first().click();
    await expect.poll(call).toBe(false);
  });

  await test.step("one spelling everywhere", async () => {
    const id = await add(jmem, ann, "Ann lives in Oslo.", { app: "claude-code" });
    await add(jmem, ann, "Ann has a bicycle.");
    for (const path of ["/memories", `/memories/${id}`, "/apps", "/dashboard"]) {
      await page.goto(path);
      await expect(page.getByRole("main")).toContainText("Claude Code");
      await expect(page.getByRole("main")).not.toContainText("claude-code");
    }
    await page.goto("/memories");
    await expect(row(page, "bicycle")).toContainText("You");
  });
});

test("the key of the playground ends with its page, and its page says so", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  await signedIn(context, ann);
  const working = async () => {
    const { keys } = await rest<{ keys: { revoked_at: string | null }[] }>(jmem, "GET", "/api/v1/keys/", ann.token);
    return keys.map(({ revoked_at }) => revoked_at === null);
  };
  await page.goto("/playground");
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText(/^The key of this page works until \d+:\d\d/)).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Arguments" })).toHaveValue(/How do I like my answers\?/);
  await page.getByRole("textbox", { name: "Arguments" }).press("Control+Enter");
  await expect(page.getByText("Response")).toBeVisible();
  expect(await working()).toEqual([true]);
  await page.reload();
  await expect.poll(working).toEqual([false]);

  const other = await context.newPage();
  await other.goto("/playground");
  await other.getByRole("button", { name: "Start" }).click();
  await expect(other.getByText(/^The key of this page works until/)).toBeVisible();
  await other.close({ runBeforeUnload: true });
  await expect.poll(working).toEqual([false, false]);
});

test("who has forgotten a password is told whom to ask", async ({ page }) => {
  await page.goto("/sign-in");
  await expect(page.getByText(/Forgotten your password\? Ask the operator/)).toContainText("jmem user password");
});
