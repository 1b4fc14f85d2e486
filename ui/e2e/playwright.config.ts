// How the browser tests run: one browser, one worker, no second chances.
import { defineConfig, devices } from "@playwright/test";
import { artifacts } from "./harness/artifacts.ts";
import { browser } from "./harness/browser.mjs";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: artifacts,
  // One Pulse serves them all, and the measured times want a quiet machine.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // The longest workflow waits for a dozen checks that are five seconds apart.
  timeout: 120_000,
  // Longer than two checks: a page that is waited for by role may show them only then.
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    // Recording every page costs as much again as the tests; `npm test -- --trace on` does it to look closer.
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: browser,
  },
});
