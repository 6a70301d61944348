import type { Locator, Page } from "@playwright/test";

import { PASSWORD, expect, registered, rest, signIn, signedIn, someone, test } from "./support";
import { clean } from "./support/axe";
import { Program, STATE, Terminal, call } from "./support/oauth";

const allow = (page: Page): Locator => page.getByRole("button", { name: "Allow" });
const refuse = (page: Page): Locator => page.getByRole("button", { name: "Refuse" });
const asked = (page: Page): Locator => page.getByRole("heading", { name: "A program wants to use your memory" });

test("a program is let in: from its address to the first call", async ({ page, jmem, watched }) => {
  const ann = await registered(jmem, "ann");
  const program = await Program.start(jmem, "A <b>notebook</b>");
  watched.expected.push(new RegExp(`request outside: GET ${program.origin}`));

  await test.step("signing in leads back to what is asked", async () => {
    await page.goto(program.address());
    await expect(page.getByText("A program asks to use your memory.")).toBeVisible();
    await signIn(page, ann.email, PASSWORD);
    await expect(asked(page)).toBeVisible();
  });

  await test.step("who asks, for what, and as whom", async () => {
    const main = page.getByRole("main");
    await expect(main).toContainText("A <b>notebook</b>");
    await expect(main).toContainText("Registered itself, not verified.");
    await expect(main).toContainText("a program on this computer: continue only if you started this yourself just now");
    await expect(main).toContainText(ann.email);
    await expect(page.getByRole("switch", { name: "Read" })).toBeDisabled();
    for (const name of ["Read", "Write", "Delete"]) await expect(page.getByRole("switch", { name, exact: true })).toBeChecked();
    await expect(page.getByRole("switch")).toHaveCount(3);
    await expect(page.getByLabel("Ends")).toHaveValue("never");
    await clean(page, "a program asks");
  });

  await test.step("nothing is said before a button is pressed", async () => {
    await page.waitForTimeout(1000);
    expect(program.brought).toEqual([]);
  });

  const tokens = await test.step("less than it asked for, for a week, and back to the program", async () => {
    await page.getByRole("switch", { name: "Delete" }).click();
    await page.getByLabel("Ends").selectOption({ label: "In 7 days" });
    await allow(page).click();
    await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
    const [brought] = program.brought;
    expect([brought?.get("state"), brought?.get("iss"), brought?.get("error")]).toEqual([STATE, jmem.base, null]);
    return program.exchange(brought?.get("code") ?? "");
  });
  expect(tokens.scope).toBe("memory:read memory:write");

  await test.step("it calls", async () => {
    const { status, result } = await call(jmem, tokens.access_token, "tools/list");
    expect(status).toBe(200);
    expect(result?.tools?.map(({ name }) => name)).toContain("add_memories");
    expect(result?.tools?.map(({ name }) => name)).not.toContain("delete_memories");
  });

  await test.step("the second time it is known, and asked again all the same", async () => {
    await page.goto(program.address());
    await expect(page.getByText("You let this program in before.")).toBeVisible();
    await expect(allow(page)).toBeEnabled();
  });
  await program.stop();
});

test("a program is refused, and told so", async ({ page, context, jmem, watched }) => {
  const program = await Program.start(jmem, "A notebook");
  watched.expected.push(new RegExp(`request outside: GET ${program.origin}`));
  await signedIn(context, await registered(jmem, "ann"));
  await page.goto(program.address());
  await refuse(page).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  const [brought] = program.brought;
  expect([brought?.get("error"), brought?.get("state"), brought?.get("code")]).toEqual(["access_denied", STATE, null]);

  await test.step("what was answered is asked no more", async () => {
    watched.expected.push(/status of 404/);
    await page.goBack();
    await expect(page.getByRole("heading", { name: "This request is not open any more" })).toBeVisible();
    await expect(page.getByRole("alert")).toContainText("Go back to the program that sent you here and connect again.");
    await clean(page, "a request that is gone");
  });
  await program.stop();
});

test("the window says what to do where the program's address does not open", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/request outside: GET cursor:|Failed to launch|ERR_UNKNOWN_URL_SCHEME|ERR_ABORTED/);
  const program = await Program.start(jmem, "A notebook", "cursor://anysphere.cursor-mcp/oauth/callback");
  await signedIn(context, await registered(jmem, "ann"));
  await page.goto(program.address());
  await allow(page).click();
  await expect(page.getByRole("heading", { name: "A notebook is let in" })).toBeFocused();
  await expect(page.getByText("You can close this window")).toBeVisible();
  const back = await page.getByRole("link", { name: "the program that sent you here" }).getAttribute("href");
  expect(back).toMatch(/^cursor:\/\/anysphere\.cursor-mcp\/oauth\/callback\?code=jmo?_?/);
  await clean(page, "a program was let in");
});

test("what is gone, too late, or taken away meanwhile is told in words", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/status of 404|ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  const ann = await registered(jmem, "ann");
  await signedIn(context, ann);
  await test.step("unknown", async () => {
    await page.goto(`/authorize/${"x".repeat(43)}`);
    await expect(page.getByRole("heading", { name: "This request is not open any more" })).toBeVisible();
  });
  const program = await Program.start(jmem, "A notebook", "https://notebook.example/callback");
  await test.step("without a network", async () => {
    await page.goto(program.address());
    await expect(allow(page)).toBeEnabled();
    await context.setOffline(true);
    await allow(page).click();
    await expect(page.getByRole("alert").filter({ hasText: "The server cannot be reached." })).toBeVisible();
    await context.setOffline(false);
  });
  await test.step("while somebody thought", async () => {
    jmem.sql("UPDATE oauth_requests SET expires_at = 1");
    await allow(page).click();
    await expect(page.getByRole("heading", { name: "This request is not open any more" })).toBeFocused();
  });
});

test("a borrowed name is said to be one, and grave things stay off until they are switched on", async ({ page, context, jmem }) => {
  const program = await Program.start(jmem, "Claude", "https://evil.example/callback");
  await signedIn(context, await registered(jmem, "ann"));
  await page.goto(program.address("memory:read memory:write memory:delete_all"));
  const red = page.getByRole("alert");
  await expect(red).toContainText("It calls itself Claude, but is at evil.example and not at claude.ai.");
  await expect(page.getByRole("main")).toContainText("Afterwards you are sent back to evil.example.");
  const everything = page.getByRole("switch", { name: "Delete everything" });
  await expect(everything).not.toBeChecked();
  await everything.press("Space");
  await expect(everything).toBeChecked();
  await clean(page, "a borrowed name");
});

test("whoever is signed in as somebody else can change that", async ({ page, context, jmem, watched }) => {
  const program = await Program.start(jmem, "A notebook");
  watched.expected.push(new RegExp(`request outside: GET ${program.origin}`));
  const [ann, bob] = [await registered(jmem, "ann"), await registered(jmem, "bob")];
  await signedIn(context, ann);
  await page.goto(program.address());
  await page.getByRole("button", { name: "Not you? Sign out" }).click();
  await signIn(page, bob.email, PASSWORD);
  await expect(asked(page)).toBeVisible();
  await expect(page.getByRole("main")).toContainText(bob.email);
  await allow(page).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await program.exchange(program.brought[0]?.get("code") ?? "");
  const { grants } = await rest<{ grants: { name: string }[] }>(jmem, "GET", "/api/v1/grants/", bob.token);
  expect(grants.map(({ name }) => name)).toEqual(["A notebook"]);
  await program.stop();
});

test("a new person makes an account on the way", async ({ page, jmem }) => {
  const program = await Program.start(jmem, "A notebook", "https://notebook.example/callback");
  await page.goto(program.address());
  await page.getByRole("link", { name: "Create account" }).click();
  await expect(page.getByText("A program asks to use your memory. Create your account first")).toBeVisible();
  await page.getByLabel("E-mail address").fill(someone("maria"));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(asked(page)).toBeVisible();
  await expect(page.getByRole("main")).toContainText("Afterwards you are sent back to notebook.example.");
});

test("a terminal is let in by its code", async ({ page, context, jmem, watched }) => {
  watched.expected.push(/status of 404/);
  const ann = await registered(jmem, "ann");
  await signedIn(context, ann);
  const terminal = await Terminal.start(jmem, "memory:read memory:write account:manage");
  const type = async (code: string) => {
    await page.goto("/device");
    await page.getByLabel("Code").fill(code);
    await page.keyboard.press("Enter");
  };

  await test.step("a code that is none", async () => {
    await type("hello");
    await expect(page.getByText("A code has eight letters and no vowels")).toBeVisible();
    await expect(page.getByLabel("Code")).toHaveAttribute("aria-invalid", "true");
    await clean(page, "typing a code");
    await type("bcdf-bcdf");
    await expect(page.getByRole("heading", { name: "No terminal waits with the code BCDF-BCDF" })).toBeVisible();
    await page.getByRole("link", { name: "Type the code again" }).click();
    await expect(page.getByLabel("Code")).toBeVisible();
  });

  await test.step("in small letters and without its dash", async () => {
    await type(terminal.code.toLowerCase().replace("-", ""));
    await expect(page.getByRole("heading", { name: "A terminal wants to use your memory" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText(`It shows this code: ${terminal.code}`);
    await expect(page.getByRole("switch", { name: "Manage your account" })).not.toBeChecked();
    await clean(page, "a terminal asks");
  });

  await test.step("yes, for a month", async () => {
    expect((await terminal.ask()).body.error).toBe("authorization_pending");
    await page.getByLabel("Ends").selectOption({ label: "In 30 days" });
    await allow(page).click();
    await expect(page.getByRole("heading", { name: "Done: go back to the terminal" })).toBeFocused();
    await expect.poll(async () => (await terminal.ask()).status, { intervals: [6000] }).toBe(200);
    await page.goto("/settings?tab=keys");
    await expect(page.getByText("jmem", { exact: true })).toBeVisible();
  });

  await test.step("no", async () => {
    const other = await Terminal.start(jmem, "memory:read");
    await page.goto(`/authorize/${other.code}`);
    await refuse(page).click();
    await expect(page.getByRole("heading", { name: "Refused" })).toBeFocused();
    expect((await other.ask()).body.error).toBe("access_denied");
  });

  await test.step("guessing ends", async () => {
    watched.expected.push(/status of 429/);
    for (let n = 0; n < 40; n++) {
      const letters = `BCDF-GH${"JKLM"[n % 4]}${"PQR"[n % 3]}`;
      await rest(jmem, "GET", `/api/v1/oauth/requests/${letters}`, ann.token).catch(() => undefined);
    }
    await type("bcdfbcdf");
    await expect(page.getByRole("heading", { name: "Too many tries" })).toBeVisible();
  });
});

for (const [name, colorScheme, viewport] of [
  ["light, on a phone", "light", { width: 390, height: 844 }],
  ["dark, on a phone", "dark", { width: 390, height: 844 }],
  ["dark", "dark", { width: 1280, height: 800 }],
] as const) {
  test(`whoever is asked can read it: ${name}`, async ({ page, jmem, watched }) => {
    watched.expected.push(/status of 404/);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    const long = "A notebook with a name that goes on and on WithoutAnyBlankInItSoThatNothingCanBeBrokenAtAll";
    const program = await Program.start(jmem, long, `https://${"long-".repeat(11)}name.notebook.example/callback`);
    const ann = await registered(jmem, "ann");
    await program.letIn(ann.token);
    await page.goto(program.address("memory:read memory:delete_all"));
    await clean(page, "signing in for a program");
    await signIn(page, ann.email, PASSWORD);
    await expect(allow(page)).toBeEnabled();
    await page.getByRole("switch", { name: "Delete everything" }).click();
    await clean(page, "a program asks");
    const terminal = await Terminal.start(jmem, "memory:read account:manage");
    for (const path of ["/device", `/authorize/${terminal.code}`, "/authorize/unknown", "/connect"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator("[data-loading]")).toHaveCount(0);
      await clean(page, path);
    }
  });
}

test("the question is asked in Chinese, and answered by keyboard alone", async ({ page, context, jmem, watched }) => {
  await context.addInitScript(() => localStorage.setItem("jmem.language", "zh"));
  const program = await Program.start(jmem, "A notebook");
  watched.expected.push(new RegExp(`request outside: GET ${program.origin}`));
  await signedIn(context, await registered(jmem, "mei"));
  await page.goto(program.address());
  await expect(page.getByRole("heading", { name: "有程序想使用您的记忆" })).toBeVisible();
  await expect(page.getByRole("main")).not.toContainText(/\b(?:Read|Write|Allow|Refuse|Ends|signed)\b/);
  const order = ["写入", "删除"];
  for (const label of order) {
    await expect
      .poll(async () => {
        await page.keyboard.press("Tab");
        return page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
      })
      .toBe(label);
  }
  await page.keyboard.press("Space");
  await expect(page.getByRole("switch", { name: "删除" })).not.toBeChecked();
  await expect(page.getByRole("button", { name: "允许" })).toBeEnabled();
  // Project, end, signing out, refusing.
  for (let n = 0; n < 5; n++) await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "允许" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await program.stop();
});
