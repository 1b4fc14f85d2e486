// Every kind of check that is more than a request, from the form to what its page shows.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { expect, test } from "./harness.ts";
import { expectAccessible } from "./harness/accessible.ts";
import { Names } from "./harness/names.ts";
import { addAssertion, testResult } from "./steps/monitors.ts";

const ADDRESS = "192.0.2.7";

async function begin(page: Page, name: string, kind: string): Promise<void> {
  await page.goto("/monitors/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("radio", { name: kind, exact: true }).check();
}

async function save(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Save monitor" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

function status(page: Page): ReturnType<Page["getByRole"]> {
  return page.getByRole("definition").first();
}

test("each kind asks for its own fields and proposes what fits it", async ({ signedIn: page }) => {
  await begin(page, "Any", "Certificate");
  await expect(page.getByLabel("Check every (seconds)")).toHaveValue("3600");
  await expect(page.getByRole("group", { name: "Assertion 1" }).getByLabel("Source")).toHaveValue("certificate_days_left");
  await expect(page.getByLabel("URL")).toHaveCount(0);
  await page.getByRole("radio", { name: "Ping", exact: true }).check();
  await expect(page.getByLabel("Packets")).toHaveValue("4");
  await expect(page.getByRole("group", { name: /^Assertion/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Add assertion" }).click();
  await expect(page.getByLabel("Source").getByRole("option")).toHaveText(["Latency (ms)", "Packet loss (%)"]);
  await page.getByRole("radio", { name: "Push", exact: true }).check();
  await expect(page.getByLabel("Grace (seconds)")).toHaveValue("30");
  for (const gone of ["Timeout (ms)", "Packets"]) await expect(page.getByLabel(gone)).toHaveCount(0);
  for (const gone of ["Add assertion", "Test"]) {
    await expect(page.getByRole("button", { name: gone, exact: true })).toHaveCount(0);
  }
  await expectAccessible(page);
});

test("a job that reports by itself: its address, its first report, its failure", async ({ signedIn: page, request }) => {
  await begin(page, "Nightly backup", "Push");
  await page.getByLabel("Expected every (seconds)").fill("3600");
  await page.getByLabel("Grace (seconds)").fill("60");
  await save(page, "Nightly backup");
  await expect(status(page)).toHaveText("Pending");
  await expect(page.getByText("waits for the first report")).toBeVisible();
  const url = (await page.locator("#push-url").textContent()) ?? "";
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/push\/.{32,}$/);
  await page.getByText("From a shell").click();
  await expect(page.getByText(`curl -fsS -m 10 --retry 3 -o /dev/null ${url}`, { exact: true })).toBeVisible();
  await expectAccessible(page);

  expect((await request.get(url)).ok()).toBe(true);
  await expect(status(page)).toHaveText("Up");
  await expect(page.getByRole("row").filter({ hasText: "Success" })).toHaveCount(1);

  expect((await request.post(`${url}/1`)).ok()).toBe(true);
  await expect(status(page)).toHaveText("Down");

  await page.getByRole("button", { name: "Make a new address" }).click();
  const dialog = page.getByRole("dialog", { name: "Make a new push address?" });
  await expect(dialog).toContainText("stops working at once");
  await dialog.getByRole("button", { name: "Replace the address" }).click();
  const address = page.locator("#push-url");
  await expect(address).not.toHaveText(url);
  expect((await request.get(url)).status()).toBe(404);
  expect((await request.get((await address.textContent()) ?? "")).ok()).toBe(true);
});

test("a name that is looked up shows the answer and is held against it", async ({ signedIn: page }) => {
  const names = await Names.start(ADDRESS);
  try {
    await begin(page, "Shop address", "DNS");
    await page.getByLabel("Name to look up").fill("shop.example");
    await page.getByLabel("Name server").fill(`127.0.0.1:${names.port}`);
    await page.getByLabel("Check every (seconds)").fill("5");
    await page.getByLabel("Timeout (ms)").fill("2000");
    await addAssertion(page, 1, { source: "dns_answer", comparison: "contains", value: ADDRESS });
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(testResult(page).first()).toContainText(ADDRESS);
    await save(page, "Shop address");
    await expect(status(page)).toHaveText("Up");
    await expect(page.getByText(ADDRESS, { exact: true }).first()).toBeVisible();
  } finally {
    await names.stop();
  }
});

test("a port that speaks no TLS has no certificate to show", async ({ signedIn: page, nginx }) => {
  await begin(page, "Shop certificate", "Certificate");
  await page.getByLabel("Host").fill("127.0.0.1");
  await page.getByLabel("Port", { exact: true }).fill(String(nginx.port));
  await page.getByLabel("Check every (seconds)").fill("5");
  await page.getByLabel("Timeout (ms)").fill("2000");
  await save(page, "Shop certificate");
  await expect(status(page)).toHaveText("Down");
  await expect(page.getByRole("row").filter({ hasText: /TLS/ }).first()).toBeVisible();
});

test("a stored password is never shown, stays when it is left alone, and serves the test", async ({ signedIn: page }) => {
  const secret = `Basic ${Buffer.from("probe:open sesame").toString("base64")}`;
  const guarded = createServer((request, response) => {
    response.writeHead(request.headers.authorization === secret ? 200 : 401).end();
  });
  await new Promise<void>((resolve) => guarded.listen(0, "127.0.0.1", resolve));
  try {
    await begin(page, "Guarded", "HTTP(S)");
    await page.getByLabel("URL").fill(`http://127.0.0.1:${(guarded.address() as AddressInfo).port}/`);
    await page.getByText("Sign-in, headers, body").click();
    await page.getByLabel("Sign in with").selectOption("basic");
    await page.getByLabel("User name").fill("probe");
    await page.getByLabel("Password").fill("open sesame");
    await save(page, "Guarded");
    await expect(status(page)).toHaveText("Up");

    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByText("Sign-in, headers, body").click();
    await expect(page.getByLabel("Password")).toHaveValue("••••");
    await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/Stored/);
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(testResult(page)).toContainText("Success");
    await page.getByLabel("Name", { exact: true }).fill("Guarded still");
    await save(page, "Guarded still");
    await page.getByRole("button", { name: "Check now" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Success: " })).toBeVisible();
  } finally {
    guarded.close();
  }
});

test("what was typed is not lost by a click beside the form", async ({ signedIn: page }) => {
  await begin(page, "Half done", "Ping");
  await expect(page.getByText("Unsaved changes")).toBeVisible();
  page.once("dialog", (dialog) => dialog.dismiss());
  await page.getByRole("link", { name: "Incidents", exact: true }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Half done");
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("link", { name: "Incidents", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Incidents" })).toBeVisible();
});
