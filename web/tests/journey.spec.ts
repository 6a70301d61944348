import { readFile, truncate, writeFile } from "node:fs/promises";

import { PASSWORD, add, choose, connected, expect, registered, rest, row, signIn, signedIn, someone, test, tool } from "./support";

test("a new person connects a client, governs what it remembers, and leaves", async ({ page, context, jmem, watched }) => {
  test.setTimeout(180_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const email = someone("maria");

  await test.step("register", async () => {
    await page.goto("/");
    await page.getByRole("link", { name: "Create your memory" }).click();
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByRole("heading", { name: "Three steps to your first memory" })).toBeVisible();
  });

  const url = await test.step("create an endpoint and copy its URL", async () => {
    await page.getByRole("button", { name: /Any other client/ }).click();
    await page.getByLabel("Client name").fill("sdk");
    await page.getByRole("button", { name: "Create link" }).click();
    await expect(page.getByText("Shown once.")).toBeVisible();
    await page.getByRole("button", { name: "Copy", exact: true }).first().click();
    await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
    return page.evaluate(() => navigator.clipboard.readText());
  });
  expect(url).toMatch(new RegExp(`^${jmem.base}/mcp/sdk/http/jme_`));
  await expect(page.getByText("Waiting for the first call")).toBeVisible();

  const client = await connected(url);
  await test.step("the page shows the client and its first memory live", async () => {
    await client.listTools();
    await expect(page.getByText("Connected", { exact: true })).toBeVisible();
    await tool(client, "add_memories", { text: "Maria is allergic to peanuts." });
    await expect(page.getByText("Your first memory has arrived")).toBeVisible();
    await expect(page.getByText("Maria is allergic to peanuts.")).toBeVisible();
    const found = await tool(client, "search_memory", { query: "peanuts" });
    expect(found.results[0]?.memory).toBe("Maria is allergic to peanuts.");
  });

  await test.step("the list fills while it is looked at", async () => {
    await page.getByRole("main").getByRole("link", { name: "Open your memories" }).first().click();
    await expect(row(page, "allergic to peanuts")).toBeVisible();
    for (const text of ["Maria moved to Lisbon.", "Maria plays the cello.", "Maria likes short answers."]) {
      await tool(client, "add_memories", { text });
      await expect(row(page, text)).toBeVisible();
    }
    await expect(page.getByText("4 memories", { exact: true })).toBeVisible();
  });

  await test.step("search as you type, with the reasons on demand", async () => {
    await page.getByRole("searchbox").fill("cello");
    await expect(page.getByRole("listitem").first()).toContainText("plays the cello");
    await page.getByRole("button", { name: "Why this result?" }).click();
    await expect(page.getByRole("listitem").first()).toContainText(/\d+% likely.*Meaning.*Words.*Order/);
    await page.getByRole("button", { name: "Clear search" }).click();
    await expect(page.getByText("4 memories", { exact: true })).toBeVisible();
  });

  await test.step("edit", async () => {
    await choose(page, "moved to Lisbon", "Edit");
    await page.getByRole("dialog").getByLabel("Text").fill("Maria moved to Porto.");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(row(page, "moved to Porto")).toBeVisible();
    const found = await tool(client, "search_memory", { query: "where did Maria move" });
    expect(found.results.map((hit) => hit.memory)).toContain("Maria moved to Porto.");
  });

  await test.step("a change made elsewhere meanwhile is not lost", async () => {
    watched.expected.push(/status of 412.*\/api\/v1\/memories\//s);
    await choose(page, "moved to Porto", "Edit");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Text").fill("Maria moved to Porto in March.");
    const { token, id } = await page.evaluate(async () => {
      const token = JSON.parse(localStorage.getItem("jmem.session") ?? "{}").access_token as string;
      const answer = await fetch("/api/v1/memories/?search_query=Porto", { headers: { authorization: `Bearer ${token}` } });
      return { token, id: (await answer.json()).items[0].id as string };
    });
    await rest(jmem, "PUT", `/api/v1/memories/${id}`, token, { memory_content: "Maria moved to Braga." });
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { name: "This memory changed while you were editing" })).toBeVisible();
    await expect(page.getByRole("dialog")).toContainText("Maria moved to Braga.");
    await expect(page.getByRole("dialog")).toContainText("Maria moved to Porto in March.");
    await page.getByRole("button", { name: "Overwrite" }).click();
    await expect(row(page, "moved to Porto in March")).toBeVisible();
  });

  await test.step("history, and back to an earlier version", async () => {
    await row(page, "moved to Porto in March").getByRole("link").click();
    await expect(page.getByRole("heading", { name: "History" })).toBeVisible();
    const braga = page.getByRole("listitem").filter({ hasText: "Maria moved to Braga." });
    await braga.getByRole("button", { name: "Back to this version" }).click();
    await expect(page.getByTestId("memory-text")).toHaveText("Maria moved to Braga.");
    await expect(page.getByRole("heading", { name: "Who read this" })).toBeVisible();
    await page.getByRole("link", { name: "All memories" }).click();
  });

  await test.step("archive several, and undo", async () => {
    await row(page, "cello").getByRole("checkbox").click();
    await row(page, "short answers").getByRole("checkbox").click();
    await page.getByRole("toolbar").getByRole("button", { name: "Archive" }).click();
    await expect(row(page, "cello")).toHaveCount(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(row(page, "cello")).toBeVisible();
    await expect(row(page, "short answers")).toBeVisible();
  });

  await test.step("delete several", async () => {
    await row(page, "cello").getByRole("checkbox").click();
    await row(page, "short answers").getByRole("checkbox").click();
    await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
    await expect(page.getByRole("dialog")).toContainText("Delete 2 memories?");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText("2 memories", { exact: true })).toBeVisible();
    expect((await tool(client, "search_memory", { query: "cello" })).results.map((hit) => hit.memory)).not.toContain(
      "Maria plays the cello.",
    );
  });

  await test.step("restore what was deleted", async () => {
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByLabel("State").selectOption("deleted");
    await row(page, "cello").getByRole("button", { name: "Restore" }).click();
    await expect(row(page, "cello")).toHaveCount(0);
    await row(page, "short answers").getByRole("checkbox").click();
    await page.getByRole("toolbar").getByRole("button", { name: "Restore" }).click();
    await page.getByRole("button", { name: "Reset filters" }).click();
    await expect(row(page, "cello")).toBeVisible();
    await expect(row(page, "short answers")).toBeVisible();
    expect((await tool(client, "search_memory", { query: "cello" })).results[0]?.memory).toBe("Maria plays the cello.");
    await choose(page, "cello", "Delete");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(row(page, "cello")).toHaveCount(0);
    await page.getByRole("button", { name: "Undo" }).last().click();
    await expect(row(page, "cello")).toBeVisible();
  });

  await test.step("pause the app, and resume it", async () => {
    await page.getByRole("link", { name: "Apps", exact: true }).click();
    await page.getByRole("switch", { name: "sdk may call" }).click();
    await expect(page.getByText("sdk is paused", { exact: true })).toBeVisible();
    await expect
      .poll(async () => (await client.callTool({ name: "search_memory", arguments: { query: "x" } })).isError ?? false)
      .toBe(true);
    await page.getByRole("switch", { name: "sdk may call" }).click();
    await expect
      .poll(async () => (await client.callTool({ name: "search_memory", arguments: { query: "x" } })).isError ?? false)
      .toBe(false);
  });

  await test.step("rename the client", async () => {
    await page.getByRole("link", { name: "Clients", exact: true }).click();
    await page.getByRole("button", { name: "More actions: sdk" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("The old laptop");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The old laptop", { exact: true })).toBeVisible();
  });

  await test.step("revoke: the client is refused", async () => {
    await page.getByRole("button", { name: "More actions: The old laptop" }).click();
    await page.getByRole("menuitem", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByText("No client is connected yet")).toBeVisible();
    await expect(client.callTool({ name: "search_memory", arguments: { query: "peanuts" } })).rejects.toThrow();
    await expect(connected(url)).rejects.toThrow();
  });

  await test.step("export", async () => {
    await page.getByRole("link", { name: "Settings", exact: true }).click();
    await page.getByRole("tab", { name: "Export and import" }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export everything" }).click()]);
    const text = await readFile(await download.path(), "utf8");
    expect(text).toContain("Maria moved to Braga.");
    expect(text).toContain("Maria is allergic to peanuts.");
    expect(text).toContain("Maria plays the cello.");
  });

  await test.step("take back what the client wrote", async () => {
    await page.getByRole("link", { name: "Clients", exact: true }).click();
    await page.getByLabel(/revoked/i).check();
    await page.getByRole("button", { name: "More actions: The old laptop" }).click();
    await page.getByRole("menuitem", { name: "Undo changes" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("1 added: will be deleted");
    await expect(dialog).toContainText("3 changed by somebody else since: will stay as they are");
    await dialog.getByRole("button", { name: "Undo changes" }).click();
    await expect(page.getByText("1 deleted, 0 restored", { exact: true })).toBeVisible();
    await page.getByRole("link", { name: "Memories", exact: true }).click();
    await expect(page.getByText("3 memories", { exact: true })).toBeVisible();
    await expect(row(page, "allergic to peanuts")).toHaveCount(0);
    await page.getByRole("link", { name: "Settings", exact: true }).click();
    await page.getByRole("tab", { name: "Export and import" }).click();
  });

  await test.step("import what was exported elsewhere", async () => {
    const file = {
      name: "list.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify([{ memory: "Maria reads Saramago." }, { memory: "gone", state: "deleted" }])),
    };
    await page.getByLabel("Choose a file").setInputFiles(file);
    await expect(page.getByRole("heading", { name: "This would happen" })).toBeVisible();
    await expect(page.getByText("deleted: 1")).toBeVisible();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Imported" })).toBeVisible();

    const large = test.info().outputPath("large.zip");
    await writeFile(large, "");
    await truncate(large, 2 ** 28 + 2 ** 20);
    await page.getByLabel("Choose a file").setInputFiles(large);
    const told = page.getByRole("region", { name: "Notifications" });
    await expect(told.getByText("The file has 257.0 MiB; at most 256.0 MiB are taken.")).toBeVisible();
  });

  await test.step("sign out and in again", async () => {
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    watched.expected.push(/status of 401.*\/auth\/login/s);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("a wrong password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("alert")).toContainText("wrong");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Memories" }).or(page.getByRole("heading", { name: "Settings" }))).toBeVisible();
  });

  await test.step("delete the account", async () => {
    await page.goto("/settings?tab=account");
    await page.getByRole("button", { name: "Delete my account" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("button", { name: "Delete my account" })).toBeDisabled();
    await dialog.getByLabel(/to confirm/).fill("delete");
    await expect(dialog.getByRole("button", { name: "Delete my account" })).toBeDisabled();
    watched.expected.push(/status of 4\d\d.*\/account/s);
    await dialog.getByLabel("Current password").fill("not the password");
    await dialog.getByRole("button", { name: "Delete my account" }).click();
    await expect(dialog.getByRole("alert")).toContainText("password");
    await dialog.getByLabel("Current password").fill(PASSWORD);
    await dialog.getByRole("button", { name: "Delete my account" }).click();
    await expect(page.getByRole("heading", { name: "One memory for all your AI clients" })).toBeVisible();
    const refused = await fetch(`${jmem.base}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    expect(refused.status).toBe(401);
  });
});

test("the link of the first start signs in once", async ({ page, visitor, watched, jmem }) => {
  const link = await jmem.invitation;
  await page.goto(link);
  await expect(page).toHaveURL(/\/welcome/);
  expect(page.url()).not.toContain("#");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const { page: elsewhere, watched: other } = await visitor();
  other.expected.push(/status of 401.*\/auth\/refresh/s);
  await elsewhere.goto(link);
  await expect(elsewhere.getByRole("alert")).toContainText("has been used");
  // Somebody else holds a copy: what it began has ended as well.
  watched.expected.push(/status of 401/);
});

test("signing out everywhere ends the other browser too", async ({ page, visitor, context, jmem, watched }) => {
  const ann = await registered(jmem, "ann");
  await signedIn(context, ann);
  await page.goto("/settings");
  // The other browser has a sign-in of its own.
  const { page: elsewhere, watched: other } = await visitor();
  await elsewhere.goto("/sign-in");
  await signIn(elsewhere, ann.email, PASSWORD);
  await expect(elsewhere.getByText("No memories yet")).toBeVisible();

  for (const each of [watched, other]) each.expected.push(/status of 401/);
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await elsewhere.getByRole("link", { name: "Projects" }).click();
  await expect(elsewhere.getByText("Your session has ended. Sign in again.")).toBeVisible();
});

test("another password ends every other sign-in", async ({ page, visitor, jmem, watched }) => {
  const ann = await registered(jmem, "ann");
  const { page: elsewhere, watched: other } = await visitor(ann);
  await elsewhere.goto("/memories");
  await page.goto("/sign-in");
  await signIn(page, ann.email, PASSWORD);
  await expect(page.getByText("No memories yet")).toBeVisible();
  await page.goto("/settings");
  watched.expected.push(/status of 422.*\/auth\/password/s);
  other.expected.push(/status of 401/);
  const change = async (current: string, next: string) => {
    await page.getByLabel("Current password").fill(current);
    await page.getByLabel("New password").fill(next);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  await change("a wrong password", "another horse battery");
  await expect(page.getByRole("alert")).toContainText("The current password is wrong.");
  await change(PASSWORD, "another horse battery");
  await expect(page.getByText("Your password is changed.", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Projects" }).click();
  await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();
  await elsewhere.getByRole("link", { name: "Projects" }).click();
  await expect(elsewhere.getByText("Your session has ended. Sign in again.")).toBeVisible();
  await signIn(elsewhere, ann.email, "another horse battery");
  await expect(elsewhere.getByRole("heading", { name: "Projects" })).toBeVisible();
});

test("two people in two browsers never see each other's data", async ({ visitor, jmem }) => {
  const [ann, bob] = await Promise.all([registered(jmem, "ann"), registered(jmem, "bob")]);
  const [{ page: annPage }, { page: bobPage, watched: bobs }] = await Promise.all([visitor(ann), visitor(bob)]);
  await Promise.all([annPage.goto("/memories"), bobPage.goto("/dashboard")]);
  await expect(annPage.getByText("No memories yet")).toBeVisible();
  await expect(bobPage.getByText("Nothing has happened yet")).toBeVisible();

  // Both watch while both write: each hears of their own alone.
  const annsId = await add(jmem, ann, "Ann's secret garden", { app: "ann-app", tags: ["ann-tag"] });
  await expect(row(annPage, "Ann's secret garden")).toBeVisible();
  await add(jmem, bob, "Bob's workshop", { app: "bob-app" });
  await expect(bobPage.getByText("bob-app added a memory")).toBeVisible();
  await expect(bobPage.getByText("ann-app")).toHaveCount(0);

  for (const path of ["/memories", "/apps", "/dashboard", "/projects", "/learning", "/connect", "/settings?tab=keys"]) {
    await bobPage.goto(path);
    await expect(bobPage.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(bobPage.locator("[data-loading]")).toHaveCount(0);
    expect(await bobPage.content(), path).not.toMatch(/Ann's secret garden|ann-app|ann-tag/);
  }
  await bobPage.goto("/memories");
  await bobPage.getByRole("searchbox").fill("secret garden");
  await expect(bobPage.getByText(/^1 result$|^Nothing you have stored/)).toBeVisible();
  await expect(bobPage.getByText("Ann's secret garden")).toHaveCount(0);
  // Her memory's address shows him nothing, as an unknown one does.
  bobs.expected.push(new RegExp(`status of 404.*${annsId}`, "s"));
  await bobPage.goto(`/memories/${annsId}`);
  await expect(bobPage.getByText("This memory does not exist any more")).toBeVisible();
});

test("who signs in after another sees nothing of them", async ({ page, context, jmem }) => {
  const [ann, bob] = await Promise.all([registered(jmem, "ann"), registered(jmem, "bob")]);
  await add(jmem, ann, "Ann's secret garden");
  await signedIn(context, ann);
  await page.goto("/memories");
  await expect(row(page, "Ann's secret garden")).toBeVisible();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  // From now on the page is looked at each time that the document changes.
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (document.body.textContent?.includes("secret garden")) document.documentElement.dataset.leaked = "yes";
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await signIn(page, bob.email, PASSWORD);
  await expect(page.getByText("No memories yet")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.dataset.leaked)).toBeUndefined();
});

test("the operator sees counts, and nobody else sees them", async ({ page, context, jmem, visitor }) => {
  const ann = await registered(jmem, "ann");
  await add(jmem, ann, "Ann's secret garden");
  const keeper = await registered(jmem, "keeper");
  await jmem.cli("user", "role", keeper.email, "operator");
  await signedIn(context, keeper);
  await page.goto("/operator/users");
  await expect(page.getByRole("row").filter({ hasText: ann.email })).toContainText("owner");
  await page.getByRole("tab", { name: "Health" }).click();
  await expect(page.getByText("sqlite")).toBeVisible();
  await page.getByRole("tab", { name: "Jobs" }).click();
  await expect(page.getByText("No job has failed.")).toBeVisible();
  await page.getByRole("tab", { name: "Audit" }).click();
  await expect(page.getByText("memory.add").first()).toBeVisible();
  expect(await page.content()).not.toContain("secret garden");

  const { page: hers, watched } = await visitor(ann);
  watched.expected.push(/status of 403.*\/api\/v1\/admin\//s);
  await hers.goto("/operator/users");
  await expect(hers.getByText("This is for the operator of the service.")).toBeVisible();
  await expect(hers.getByRole("link", { name: "Operator" })).toHaveCount(0);
});

test("the playground calls the user's own endpoint and says why it ranked so", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  for (const text of ["Ann plays the cello.", "Ann lives in Oslo."]) await add(jmem, ann, text);
  await signedIn(context, ann);
  await page.goto("/playground");
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("textbox", { name: "Arguments" }).fill('{"query": "who plays the cello", "detail": "full"}');
  await page.getByRole("button", { name: "Call", exact: true }).click();
  const hits = page.getByRole("listitem").filter({ hasText: "Meaning" });
  await expect(hits.first()).toContainText("Ann plays the cello.");
  await expect(hits.first()).toContainText(/Likely [<>]?\d+%/);
  await page.getByRole("button", { name: "Stop and revoke the key" }).click();
  await expect(page.getByRole("button", { name: "Start" })).toBeVisible();
  await expect
    .poll(async () => {
      const { keys } = await rest<{ keys: { name: string; revoked_at: string | null }[] }>(jmem, "GET", "/api/v1/keys/", ann.token);
      return keys.map((key) => [key.name, key.revoked_at !== null]);
    })
    .toEqual([["playground", true]]);
});

test("the list is governed by keys alone", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  for (const text of ["third", "second", "first"]) await add(jmem, ann, `the ${text} memory`);
  await signedIn(context, ann);
  await page.goto("/memories");
  await expect(page.getByRole("listitem")).toHaveCount(3);
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "the first memory" })).toBeFocused();
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "the second memory" })).toBeFocused();
  await page.keyboard.press("x");
  await expect(page.getByRole("toolbar")).toContainText("1 selected");
  await page.keyboard.press("a");
  await expect(row(page, "the second memory")).toHaveCount(0);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("third");
  await expect(page.getByRole("listitem").first()).toContainText("the third memory");
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("e");
  await expect(page.getByRole("dialog", { name: "Edit memory" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("switch", { name: "Single-key shortcuts" }).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("what is kept is chosen in the settings, and holds at once", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  await signedIn(context, ann);
  await page.goto("/settings?tab=rules");
  await page.getByLabel("E-mail addresses, telephone numbers").selectOption("redact");
  const gate = async () =>
    (await rest<{ gate: { contacts: string; duplicates: boolean } }>(jmem, "GET", "/api/v1/settings", ann.token)).gate;
  await expect.poll(async () => (await gate()).contacts).toBe("redact");
  const duplicates = page.getByRole("switch", { name: "What is known already" });
  await duplicates.click();
  await expect(duplicates).not.toBeChecked();
  await expect.poll(async () => (await gate()).duplicates).toBe(false);
  await page.reload();
  await expect(page.getByLabel("E-mail addresses, telephone numbers")).toHaveValue("redact");
  await expect(duplicates).not.toBeChecked();
});

test("what a person types is kept, whatever the gate says of it", async ({ page, context, jmem }) => {
  await signedIn(context, await registered(jmem, "ann"));
  await page.goto("/memories");
  await page.getByRole("button", { name: "Add a memory" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Text").fill("ok, thanks!");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(row(page, "ok, thanks!")).toBeVisible();
  await expect(page.getByText("1 memory", { exact: true })).toBeVisible();
});
