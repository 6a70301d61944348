import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { PASSWORD, add, expect, registered, rest, signedIn, test, yearsLater } from "./support";

const HOSTILE = [
  `<script>window.__ran = 1</script>`,
  `<img src="https://evil.example/x.png" onerror="window.__ran = 1">`,
  `![picture](https://evil.example/track.png) and [a link](javascript:window.__ran=1)`,
  `<a href="javascript:window.__ran=1">press</a> <svg onload="window.__ran=1"><iframe srcdoc="<script>parent.__ran=1</script>">`,
  `data:text/html,<script>window.__ran=1</script> vbscript:msgbox(1) https://evil.example/?q=1`,
  `{{constructor.constructor('window.__ran=1')()}} \${window.__ran=1} \u202Egnp.exe`,
];

test("stored text is shown as text, whatever it holds", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  const ids: string[] = [];
  for (const text of HOSTILE) {
    ids.push(await add(jmem, ann, text, { tags: ["<b>tag</b>"], speaker: "<i>speaker</i>", metadata: { "<u>": text }, session_id: "<s>" }));
  }
  await rest(jmem, "PUT", `/api/v1/memories/${ids[0]}`, ann.token, { memory_content: `${HOSTILE[0]} changed` });
  await rest(jmem, "POST", "/api/v1/projects/", ann.token, { name: HOSTILE[0] });
  await signedIn(context, ann);
  const harmless = async (where: string) => {
    expect(await page.evaluate(() => "__ran" in window), where).toBe(false);
    // React's own pictures are inline SVG; nothing of a memory may become an element.
    const made = await page.evaluate(() =>
      [...document.querySelectorAll("img, iframe, object, embed, form[action], a[href]")]
        .map((element) => element.getAttribute("href") ?? element.getAttribute("src") ?? element.tagName)
        .filter((address) => !/^(\/|#)/.test(address)),
    );
    expect(made, where).toEqual([]);
  };
  await page.goto("/memories");
  for (const text of HOSTILE.slice(1)) await expect(page.getByRole("listitem").filter({ hasText: text.slice(0, 60) })).toBeVisible();
  await harmless("the list");
  await page.getByRole("searchbox").fill("picture link script");
  await expect(page.getByText(/results?$|^Nothing you have stored/)).toBeVisible();
  await harmless("a search");
  for (const [index, id] of ids.entries()) {
    await page.goto(`/memories/${id}`);
    await expect(page.getByTestId("memory-text")).toHaveText(index === 0 ? `${HOSTILE[0]} changed` : (HOSTILE[index] ?? ""), {
      useInnerText: false,
    });
    await expect(page.getByRole("heading", { name: "Related" })).toBeVisible();
    await harmless(`memory ${index}`);
  }
  for (const path of ["/projects", "/dashboard", "/apps"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await harmless(path);
  }
  await yearsLater(jmem, ann);
  await page.goto("/learning");
  for (const text of HOSTILE) await expect(page.getByRole("listitem").filter({ hasText: text.slice(0, 60) })).toBeVisible();
  await harmless("what fades");
});

test("a stolen page holds no secret", async ({ page, context, jmem }) => {
  const ann = await registered(jmem, "ann");
  await signedIn(context, ann);
  const secrets: string[] = [];
  const clean = async (where: string) => {
    const found = await page.evaluate(async () => {
      const databases = await indexedDB.databases();
      const cached = await caches.keys();
      const parts: Record<string, string> = {
        document: document.documentElement.outerHTML,
        fields: [...document.querySelectorAll("input, textarea")].map((field) => (field as HTMLInputElement).value).join("\n"),
        address: location.href,
        history: JSON.stringify(history.state),
        session: JSON.stringify({ ...sessionStorage }),
        local: JSON.stringify({ ...localStorage, "jmem.session": "" }),
        cookies: document.cookie,
        databases: databases.map(({ name }) => name).join(),
        caches: cached.join(),
      };
      return parts;
    });
    for (const secret of secrets) {
      for (const [part, text] of Object.entries(found)) expect(text.includes(secret), `${where}: a secret in ${part}`).toBe(false);
    }
    expect(found.databases).toBe("");
    expect(found.caches).toBe("");
    expect(found.cookies).toBe("");
    // Only the session token and preferences are kept.
    const kept = await page.evaluate(() => Object.keys(localStorage));
    expect(kept.filter((name) => !/^jmem\.(session|theme|language|shortcuts)$/.test(name))).toEqual([]);
  };

  await page.goto("/connect");
  await page.getByRole("button", { name: "Connect a client" }).first().click();
  await page.getByRole("button", { name: "Claude Code" }).click();
  await page.getByRole("button", { name: "Create link" }).click();
  const command = (await page.getByLabel("Run this command:").textContent()) ?? "";
  secrets.push(/jme_[\w-]+/.exec(command)?.[0] ?? "none");
  expect(secrets[0]).toMatch(/^jme_.{40,}/);
  expect(await page.content()).toContain(secrets[0]);
  await page.getByRole("button", { name: "I have saved it" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await clean("after the dialog of an endpoint");

  await page.goto("/settings?tab=keys");
  await page.getByRole("button", { name: "New API key" }).click();
  await page.getByLabel("What is it for?").fill("backup");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  secrets.push((await page.getByRole("dialog").locator("pre").textContent()) ?? "none");
  expect(secrets[1]).toMatch(/^jmk_.{40,}/);
  await page.getByRole("button", { name: "I have saved it" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await clean("after the dialog of a key");

  await page.goto("/sign-in");
  secrets.push(PASSWORD);
  await clean("the page of one who is signed in");
  await page.goto("/playground");
  const made = page.waitForResponse((response) => response.url().endsWith("/api/v1/keys/") && response.request().method() === "POST");
  await page.getByRole("button", { name: "Start" }).click();
  secrets.push(((await (await made).json()) as { api_key: string }).api_key);
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await expect(page.getByText("Response")).toBeVisible();
  await clean("the playground while it has a key");
});

test("the served files hold no secret, and the page runs only its own", async ({ jmem, page, watched }) => {
  watched.expected.push(/Executing inline script violates/);
  const dist = join(import.meta.dirname, "../dist");
  for (const name of await readdir(dist, { recursive: true })) {
    if (!/\.(js|css|html|svg)$/.test(name)) continue;
    const text = await readFile(join(dist, name), "utf8");
    expect(text, name).not.toMatch(/jm[ekr]_[A-Za-z0-9_-]{30,}|eyJ[\w-]{20,}\.|-----BEGIN|sourceMappingURL/);
  }
  const first = await fetch(jmem.base);
  const policy = first.headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/script-src 'self';/);
  expect(policy).toMatch(/connect-src 'self';/);
  expect(policy).toMatch(/frame-ancestors 'none'/);
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(first.headers.get("cache-control")).toBe("no-store");
  expect(first.headers.get("referrer-policy")).toBe("no-referrer");
  expect(first.headers.get("x-content-type-options")).toBe("nosniff");
  const second = await fetch(jmem.base);
  expect(second.headers.get("content-security-policy"), "each answer has a number of its own").not.toBe(policy);
  const html = await second.text();
  expect(html).not.toContain("__CSP_NONCE__");
  for (const [, attributes = "", body = ""] of html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
    expect(attributes).toContain("src=");
    expect(body).toBe("");
  }
  // The policy bites: an inline script that got into the page would not run.
  await page.goto("/");
  const blocked = await page.evaluate(() => {
    const violated = new Promise((seen) =>
      addEventListener("securitypolicyviolation", (event) => seen(event.violatedDirective), { once: true }),
    );
    const script = document.createElement("script");
    script.textContent = "window.__ran = 1";
    document.body.append(script);
    return violated;
  });
  expect(blocked).toBe("script-src-elem");
  expect(await page.evaluate(() => "__ran" in window)).toBe(false);
});
