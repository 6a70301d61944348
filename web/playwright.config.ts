import { join } from "node:path";

import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  // Each worker has a server of its own; the machines that run this have two cores.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  outputDir: join(process.env.CARGO_TARGET_DIR ?? "../target", "web-tests"),
  use: {
    actionTimeout: 30_000,
    locale: "en-US",
    timezoneId: "UTC",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
