// Without a mouse: the skip link, the focus after a navigation, the whole monitor form, and a dialog.
import type { Page } from "@playwright/test";
import { expect, test } from "./harness.ts";
import { expectStatus } from "./steps/monitors.ts";

/** Tabs until the element with that role and name has the focus. */
async function tabTo(page: Page, role: Parameters<Page["getByRole"]>[0], name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true });
  await expect(target).toBeVisible();
  const presses = 80;
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${presses} tabs did not reach ${role} "${name}"`);
}

test("the first tab offers to skip the navigation, and the focus follows a navigation", async ({ signedIn: page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1, name: "Monitors" })).toBeVisible();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Monitors" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Add monitor" })).toBeFocused();
  await tabTo(page, "link", "Incidents");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Incidents" })).toBeFocused();
});

test("a visible ring shows where the focus is", async ({ signedIn: page }) => {
  await page.goto("/channels");
  await tabTo(page, "link", "Rules");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
  expect(ring).not.toBe("none");
});

test("a monitor is added with the keyboard alone", async ({ signedIn: page, nginx }) => {
  await page.goto("/");
  await tabTo(page, "link", "Add your first monitor");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Add a monitor" })).toBeFocused();
  await tabTo(page, "textbox", "Name");
  await page.keyboard.type("Shop");
  await tabTo(page, "textbox", "URL");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type(nginx.url);
  await tabTo(page, "spinbutton", "Check every (seconds)");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("5");
  await tabTo(page, "spinbutton", "Timeout (ms)");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("2000");
  await tabTo(page, "button", "Add assertion");
  await page.keyboard.press("Space");
  await tabTo(page, "combobox", "Source");
  await page.keyboard.type("Body");
  await tabTo(page, "combobox", "Comparison");
  await page.keyboard.type("contains");
  await tabTo(page, "textbox", "Value");
  await page.keyboard.type("ok");
  await tabTo(page, "button", "Test");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Success" })).toBeVisible();
  await tabTo(page, "button", "Save monitor");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Shop" })).toBeFocused();
  await page.goto("/");
  await expectStatus(page, "Shop", "Up");
});

test("a dialog keeps the focus, closes with Escape and gives the focus back", async ({ page, organization, nginx }) => {
  const monitor = await organization.monitor("Shop", nginx.url);
  await page.goto(`/monitors/${monitor.id}`);
  await tabTo(page, "button", "Delete");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Delete this monitor?" });
  await expect(dialog).toBeVisible();
  for (let press = 0; press < 4; press += 1) {
    await page.keyboard.press("Tab");
    const escaped = await dialog.evaluate((element) => {
      const focused = document.activeElement;
      return focused !== null && focused !== document.body && !element.contains(focused);
    });
    expect(escaped, "the focus stays in the dialog").toBe(false);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "Delete", exact: true })).toBeFocused();
});
