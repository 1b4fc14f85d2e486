// Metrics: a key from the page, a host that sends with it, its figures and a monitor on one of them.
import { expect, test } from "./harness.ts";
import { expectAccessible } from "./harness/accessible.ts";

test("from a new key to a host's figures and a monitor that watches one", async ({ signedIn: page, pulse, playwright }) => {
  await page.goto("/metrics");
  await expect(page.getByRole("heading", { name: "No host sends metrics yet" })).toBeVisible();
  await expectAccessible(page);
  const make = page.getByRole("button", { name: "Make an ingest key" });
  await make.click();
  const key = (await page.locator("#ingest-key").textContent()) ?? "";
  expect(key).toMatch(/^pulse_/);
  await expect(page.getByText(`Bearer ${key}`).first()).toBeVisible();
  await expect(make).toBeDisabled();

  // A host knows nothing but its key.
  const host = await playwright.request.newContext();
  const send = async (value: number): Promise<void> => {
    const samples = [{ metric: "queue.length", value, at: new Date().toISOString() }];
    const headers = { authorization: `Bearer ${key}` };
    const answer = await host.post(`${pulse.origin}/api/v1/metrics`, { data: { host: "web-1", samples }, headers });
    expect(answer.ok(), await answer.text()).toBe(true);
  };
  await send(7);
  await page.reload();
  const table = page.getByRole("group", { name: "Metrics of web-1" });
  await expect(table.getByRole("row").filter({ hasText: "queue.length" })).toContainText("7");
  await table.getByRole("link", { name: "queue.length" }).click();
  await expect(page).toHaveURL(/metric=queue\.length/);
  await expect(page.getByRole("slider", { name: /^queue\.length over the last 24 hours/ })).toBeVisible();
  await page.getByRole("group", { name: "Range" }).getByRole("link", { name: "7 days" }).click();
  await expect(page.getByRole("slider", { name: /^queue\.length over the last 7 days/ })).toBeVisible();
  await expectAccessible(page);

  await page.goto("/monitors/new");
  await page.getByLabel("Name", { exact: true }).fill("Long queue");
  await page.getByRole("radio", { name: "Metric", exact: true }).check();
  await page.getByLabel("Host").fill("web-1");
  await page.getByRole("textbox", { name: "Metric" }).fill("queue.length");
  await page.getByLabel("Threshold").fill("100");
  await page.getByLabel("For (seconds)").fill("0");
  await page.getByLabel("Check every (seconds)").fill("5");
  await page.getByRole("button", { name: "Save monitor" }).click();
  const status = page.getByRole("definition").first();
  await expect(status).toHaveText("Up");
  await send(250);
  await expect(status).toHaveText("Down");
  await expect(page.getByRole("row").filter({ hasText: "metric threshold" }).first()).toBeVisible();
  await host.dispose();
});
