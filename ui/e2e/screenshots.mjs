// Pictures of a running Pulse: the main pages, light and dark, narrow and wide.
//
//   OUT=pictures PULSE_URL=http://127.0.0.1:8080 npm run screenshots -- owner@example.com "the passphrase"
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "@playwright/test";
import { browser } from "./harness/browser.mjs";

const [email, password] = process.argv.slice(2);
const origin = process.env["PULSE_URL"] ?? "http://127.0.0.1:8080";
const out = resolve(process.env["OUT"] ?? "results/screenshots");
if (email === undefined || password === undefined) {
  console.error("usage: npm run screenshots -- <e-mail> <password>; PULSE_URL and OUT say from where and to where");
  process.exit(2);
}

const SIZES = { wide: { width: 1_280, height: 800 }, narrow: { width: 390, height: 844 } };
const THEMES = /** @type {const} */ (["light", "dark"]);

const chrome = await chromium.launch(browser);
try {
  const door = await chrome.newContext({ baseURL: origin });
  const pages = await signIn(door, email, password);
  const storageState = await door.storageState();
  mkdirSync(out, { recursive: true });
  for (const colorScheme of THEMES) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const context = await chrome.newContext({ baseURL: origin, storageState, colorScheme, viewport, deviceScaleFactor: 2 });
      const page = await context.newPage();
      for (const [name, address] of pages) {
        await page.goto(address);
        await page.getByText("Live", { exact: true }).waitFor({ state: "attached" });
        await page.getByText("Loading…").first().waitFor({ state: "detached" });
        const path = join(out, `${name}-${colorScheme}-${size}.png`);
        await page.screenshot({ path, animations: "disabled" });
        console.log(path);
      }
      await context.close();
    }
  }
} finally {
  await chrome.close();
}

/**
 * Signs in through the page, and gives the pages to take: their names and addresses.
 * @param {import("@playwright/test").BrowserContext} context
 * @param {string} email
 * @param {string} password
 * @returns {Promise<[name: string, address: string][]>}
 */
async function signIn(context, email, password) {
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Monitors" }).waitFor();
  /** @param {string} path @returns {Promise<{ id: string, status: string }[]>} */
  const list = async (path) => (await (await context.request.get(`/api/v1/${path}`)).json()).items;
  const monitors = await list("monitors");
  // One that has something to tell.
  const monitor = monitors.find(({ status }) => status === "degraded" || status === "down") ?? monitors[0];
  const [incident] = await list("incidents");
  /** @type {[string, string][]} */
  const pages = [
    ["monitors", "/"],
    ["monitor-form", "/monitors/new"],
    ["incidents", "/incidents"],
    ["channels", "/channels"],
    ["channel-form", "/channels/new"],
    ["rules", "/rules"],
    ["rule-form", "/rules/new"],
    ["maintenance", "/maintenance"],
    ["maintenance-form", "/maintenance/new"],
    ["on-call", "/on-call"],
    ["on-call-form", "/on-call/new"],
    ["deliveries", "/deliveries"],
  ];
  if (monitor !== undefined) pages.push(["monitor", `/monitors/${monitor.id}`]);
  if (incident !== undefined) pages.push(["incident", `/incidents/${incident.id}`]);
  return pages;
}
