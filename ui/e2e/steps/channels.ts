// Making channels and rules through their pages.
import { type Page, expect } from "@playwright/test";

/** Adds a webhook channel; gives its signing secret, which the page shows this once. */
export async function addChannel(page: Page, name: string, url: string): Promise<string> {
  await page.goto("/channels/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("URL").fill(url);
  return saveNewChannel(page);
}

export async function saveNewChannel(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Save channel" }).click();
  const secret = page.getByText(/^whsec_/);
  await expect(secret).toBeVisible();
  return (await secret.textContent()) ?? "";
}

/** Adds a rule for all monitors and the events that the form proposes: down, and up again. */
export async function addRule(page: Page, name: string, channel: string): Promise<void> {
  await page.goto("/rules/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await expect(page.getByLabel("Applies to")).toHaveValue("all");
  await expect(page.getByRole("group", { name: "Events" }).getByRole("checkbox", { checked: true })).toHaveCount(2);
  await page.getByRole("group", { name: "Channels" }).getByLabel(channel).check();
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Rules" })).toBeVisible();
}
