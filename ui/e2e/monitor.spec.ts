// What can be done with a monitor that is there: find it, check it now, pause it, change it, delete it.
import { expect, test } from "./harness.ts";
import { expectStatus, row } from "./steps/monitors.ts";

test("the list finds monitors by name, target, tag and status, trouble first", async ({ page, organization, nginx }) => {
  await organization.monitor("Alpha", nginx.url, { tags: ["prod"] });
  await organization.monitor("Beta", `${nginx.url}/missing`);
  await page.goto("/");
  await expectStatus(page, "Alpha", "Up");
  await expectStatus(page, "Beta", "Down");
  const rows = page.getByRole("list", { name: "Monitors" }).getByRole("listitem");
  await expect(rows.first()).toContainText("Beta");
  const search = page.getByRole("searchbox", { name: "Search monitors" });
  for (const [text, name] of [["alph", "Alpha"], ["prod", "Alpha"], ["missing", "Beta"]] as const) {
    await search.fill(text);
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(name);
  }
  await expect(page).toHaveURL(/q=missing/);
  await page.reload();
  await expect(search).toHaveValue("missing");
  await expect(rows).toHaveCount(1);
  await search.fill("");
  await page.getByRole("group", { name: "Filter by status" }).getByRole("link", { name: /^Up/ }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("Alpha");
  await search.fill("nothing like that");
  await expect(page.getByRole("heading", { name: "No monitor fits" })).toBeVisible();
  await page.getByRole("link", { name: "Show all monitors" }).click();
  await expect(rows).toHaveCount(2);
});

test("a monitor is checked on demand, paused, resumed, changed and deleted", async ({ page, organization, nginx }) => {
  const monitor = await organization.monitor("Shop", nginx.url, { interval_seconds: 3_600 });
  await page.goto(`/monitors/${monitor.id}`);
  const status = page.getByRole("definition").first();

  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Success: " })).toBeVisible();
  await expect(status).toHaveText("Up");

  await page.getByRole("button", { name: "Pause" }).click();
  await expect(status).toHaveText("Paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(status).not.toHaveText("Paused");

  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page).toHaveURL(`/monitors/${monitor.id}/edit`);
  await expect(page.getByLabel("Check every (seconds)")).toHaveValue("3600");
  await expect(page.getByLabel("Detect flapping")).not.toBeChecked();
  await page.getByLabel("Name", { exact: true }).fill("Shop front");
  await page.getByLabel("Tags").fill("prod, eu");
  await page.getByRole("button", { name: "Save monitor" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Shop front" })).toBeVisible();
  const stored = await organization.get<Record<string, unknown>>(`monitors/${monitor.id}`);
  expect(stored).toMatchObject({ name: "Shop front", tags: ["prod", "eu"], interval_seconds: 3_600, policy: { flapping: null } });

  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete this monitor?" });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete monitor" }).click();
  await expect(page.getByRole("heading", { name: "Add your first monitor" })).toBeVisible();
  await expect(row(page, "Shop front")).toHaveCount(0);
});

test("a change that somebody else made meanwhile is not overwritten", async ({ page, organization, nginx, context, watch }) => {
  const monitor = await organization.monitor("Shop", nginx.url);
  await page.goto(`/monitors/${monitor.id}/edit`);
  await page.getByLabel("Name", { exact: true }).fill("Mine");
  const other = await context.newPage();
  await other.goto(`/monitors/${monitor.id}/edit`);
  await other.getByLabel("Name", { exact: true }).fill("Theirs");
  await other.getByRole("button", { name: "Save monitor" }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Theirs" })).toBeVisible();
  watch.expectRefusal(412, /\/monitors\/[0-9a-f-]+$/);
  await page.getByRole("button", { name: "Save monitor" }).click();
  await expect(page.getByRole("alert")).toContainText("Somebody changed this meanwhile");
});
