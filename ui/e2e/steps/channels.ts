// Making channels and rules through their pages.
import { type Page, expect } from "@playwright/test";

/** Adds a webhook channel; gives its signing secret, which the page shows this once. */
export async function addChannel(page: Page, name: string, url: string): Promise<string> {
  await page.goto("/channels/new");
  await chooseKind(page, "Webhook");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("URL").fill(url);
  return saveNewChannel(page);
}

/** Chooses the provider on the page that adds a channel. */
export async function chooseKind(page: Page, label: string): Promise<void> {
  await page.getByRole("searchbox", { name: "Search" }).fill(label);
  await page.getByRole("list", { name: "Kinds of channel" }).getByRole("button").filter({ hasText: label }).first().click();
  await expect(page.getByRole("heading", { level: 2, name: label })).toBeVisible();
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
