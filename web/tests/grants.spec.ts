import { expect, registered, rest, signedIn, test } from "./support";
import { clean } from "./support/axe";
import { Program, call } from "./support/oauth";

test("clients that were let in are listed, renamed and shown out", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  await rest(jmem, "POST", "/api/v1/projects", ann.token, { name: "Garden" });
  const program = await Program.start(jmem, "A notebook", "https://notebook.example/callback");
  const impostor = await Program.start(jmem, "Claude", "https://evil.example/callback");
  const tokens = await program.letIn(ann.token, { project: "Garden" });
  await impostor.letIn(ann.token, { scope: "memory:read", expires_in_days: 7 });
  const added = await call(jmem, tokens.access_token, "tools/call", {
    name: "add_memories",
    arguments: { text: "The roses are white." },
  });
  expect(added.result?.isError ?? false).toBe(false);
  await signedIn(context, ann);
  await page.goto("/connect");
  const rows = page.getByRole("list", { name: "Let in by sign-in" }).getByRole("listitem");
  const more = async (name: string, entry: string) => {
    await rows.filter({ hasText: name }).getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: entry }).click();
  };

  await test.step("with what is known of them", async () => {
    await expect(rows).toHaveCount(2);
    const notebook = rows.filter({ hasText: "A notebook" });
    for (const text of ["registered itself", "At notebook.example", "only Garden", "Let in", "Last used", "Expires", "read memories"]) {
      await expect(notebook).toContainText(text);
    }
    await expect(rows.filter({ hasText: "evil.example" })).toContainText("not Claude");
    await clean(page, "clients that were let in");
  });

  await test.step("what it wrote", async () => {
    await more("A notebook", "Its memories");
    await expect(page).toHaveURL(/\/memories\?app=/);
    await expect(page.getByText("The roses are white.")).toBeVisible();
    await page.goBack();
    await more("A notebook", "Undo changes");
    await expect(page.getByRole("dialog")).toContainText("1 added: will be deleted");
    await page.keyboard.press("Escape");
  });

  await test.step("rename", async () => {
    await more("A notebook", "Rename");
    await page.getByRole("dialog").getByLabel("Name").fill("The tablet");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(rows.filter({ hasText: "The tablet" })).toContainText("Writes as");
  });

  await test.step("show out", async () => {
    await more("The tablet", "Show out");
    await expect(page.getByRole("dialog")).toContainText("Show “The tablet” out?");
    await clean(page, "asking before a client is shown out");
    await page.getByRole("dialog").getByRole("button", { name: "Show out" }).click();
    await expect(rows).toHaveCount(1);
    await expect.poll(async () => (await call(jmem, tokens.access_token, "tools/list")).status).toBe(401);
    await page.getByLabel("Show revoked and expired ones").check();
    await expect(rows.filter({ hasText: "The tablet" })).toContainText("shown out");
  });
});

test("who cannot reach this server is told so, and who can finds the address", async ({ page, context, jmem }) => {
  await signedIn(context, await registered(jmem, "ann"));
  await page.goto("/connect");
  const command = `claude mcp add --scope user --transport http memory ${jmem.base}/mcp`;
  await expect(page.getByText(command, { exact: true })).toBeVisible();
  await expect(page.getByText("Claude on the web and ChatGPT cannot come here yet")).toBeVisible();
  await expect(page.getByRole("main")).toContainText("JM_PUBLIC_URL");
  await page.getByRole("button", { name: "Connect a client" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Claude Code" }).click();
  await expect(page.getByRole("dialog")).toContainText("By sign-in, without a link");
  await expect(page.getByRole("dialog")).toContainText(command);
  await clean(page, "letting Claude Code in");
});

test("at a public address, Claude and ChatGPT are shown the way", async ({ page, context, jmem }) => {
  await page.route("**/config.json", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...((await answer.json()) as object), base_url: "https://memory.example" } });
  });
  await signedIn(context, await registered(jmem, "ann"));
  await page.goto("/connect");
  const main = page.getByRole("main");
  await expect(main).toContainText("https://memory.example/mcp");
  await expect(main).toContainText("Add custom connector");
  await expect(main).toContainText("developer mode");
  await expect(main).not.toContainText("JM_PUBLIC_URL");
  await page.getByRole("button", { name: "Connect a client" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Claude (web, Desktop)" }).click();
  await expect(page.getByRole("dialog")).toContainText("choose sign-in (OAuth)");
  await page.getByRole("dialog").getByRole("button", { name: "Create link" }).click();
  await expect(page.getByRole("dialog")).toContainText("Choose “Authentication: None”");
});
