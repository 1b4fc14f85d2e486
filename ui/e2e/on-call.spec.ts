// On call: a schedule from nothing, who is on call by it, someone who takes over, and its end.
import { expect, test } from "./harness.ts";

test("a schedule is made, says who is on call, is taken over and deleted", async ({ page, organization }) => {
  await page.goto("/on-call");
  await page.getByRole("link", { name: "Add schedule" }).first().click();
  await page.getByRole("button", { name: "Save schedule" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).first().fill("Primary");
  const first = page.getByRole("group", { name: "Layer 1" });
  await expect(first).toContainText("choose at least one person");
  await first.getByLabel(organization.person.name).check();
  await page.getByRole("button", { name: "Add a layer above" }).click();
  const second = page.getByRole("group", { name: "Layer 2" });
  await second.getByLabel("Name").fill("Office hours");
  await second.getByLabel(organization.person.name).check();
  await second.getByLabel("On call").selectOption("hours");
  await page.getByRole("button", { name: "Save schedule" }).click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Primary");
  await expect(page.locator("dl.facts")).toContainText(organization.person.name);
  const shifts = page.getByRole("region", { name: "Shifts" });
  await expect(shifts).toContainText("Office hours");
  await page.getByRole("button", { name: "Take over" }).click();
  await expect(shifts).toContainText("takes over");
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(shifts).not.toContainText("takes over");

  await page.getByRole("link", { name: "Edit" }).click();
  await second.getByRole("button", { name: "Remove layer 2" }).click();
  await page.getByRole("button", { name: "Save schedule" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Primary");
  await expect(shifts).not.toContainText("Office hours");
  await page.goto("/on-call");
  const row = page.getByRole("list", { name: "On-call schedules" }).getByRole("listitem");
  await expect(row).toContainText(organization.person.name);
  await row.getByRole("link", { name: "Primary" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete schedule" }).click();
  await expect(page.getByRole("heading", { name: "Add your first schedule" })).toBeVisible();
});
