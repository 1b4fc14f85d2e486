// Maintenance: planned in the form, open on the monitor's page, told to nobody, and ended.
import { expect, test } from "./harness.ts";
import type { Incident, Notification } from "./harness/organization.ts";
import { freePort } from "./harness/service.ts";

/** As a field of day and time takes it, by the clock of the browser's zone. */
function typed(at: Date): string {
  return at.toLocaleString("sv-SE", { timeZone: "Europe/Berlin" }).slice(0, 16).replace(" ", "T");
}

test("a weekly window is planned, seen in its next times, changed and deleted", async ({ page, organization, nginx }) => {
  await organization.monitor("Shop", nginx.url, { tags: ["prod"] });
  await page.goto("/maintenance");
  await page.getByRole("link", { name: "Plan maintenance" }).first().click();

  await page.getByRole("button", { name: "Save window" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveAccessibleDescription(/must not be empty/);
  await page.getByLabel("Name", { exact: true }).fill("Sunday night");
  await page.getByLabel("Applies to").selectOption("some");
  await page.getByLabel("Tags").fill("prod");
  await page.getByLabel("Happens").selectOption("weekly");
  await page.getByLabel("First day and time").fill("2026-01-04T02:00");
  await page.getByLabel("Lasts (minutes)").fill("90");
  await page.getByLabel("Time zone").fill("Europe/Berlin");
  const preview = page.getByRole("region", { name: "Next times" });
  await expect(preview.getByRole("row")).toHaveCount(6);
  await expect(preview.getByRole("row").nth(1)).toContainText(/Sun \d+ \w+ 02:00\s–\s03:30/);
  await page.getByRole("button", { name: "Save window" }).click();

  const row = page.getByRole("list", { name: "Maintenance windows" }).getByRole("listitem");
  await expect(row).toContainText("Planned");
  await expect(row).toContainText("tags prod · weekly at 02:00 for 1 h 30 min (Europe/Berlin)");
  await row.getByRole("link", { name: "Sunday night" }).click();
  await expect(page.getByLabel("Happens")).toHaveValue("weekly");
  await expect(page.getByRole("group", { name: "On" }).getByLabel("Sun")).toBeChecked();
  await page.getByLabel("Enabled").uncheck();
  await page.getByRole("button", { name: "Save window" }).click();
  await expect(row).toContainText("switched off");

  await row.getByRole("link", { name: "Sunday night" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete window" }).click();
  await expect(page.getByRole("heading", { name: "Plan your first maintenance" })).toBeVisible();
});

test("a monitor in maintenance says so until the window is deleted", async ({ page, organization }) => {
  const monitor = await organization.monitor("Shop", `http://127.0.0.1:${await freePort()}/`);
  await page.goto("/maintenance/new");
  await page.getByLabel("Name", { exact: true }).fill("Right now");
  const now = Date.now();
  await page.getByLabel("From", { exact: true }).fill(typed(new Date(now - 3_600_000)));
  await page.getByLabel("Until", { exact: true }).fill(typed(new Date(now + 3_600_000)));
  await page.getByRole("button", { name: "Save window" }).click();
  const row = page.getByRole("list", { name: "Maintenance windows" }).getByRole("listitem");
  await expect(row).toContainText("Open");

  await page.goto(`/monitors/${monitor.id}`);
  const banner = page.getByRole("note", { name: "Maintenance" });
  await expect(banner).toContainText("checks go on, messages are held back until");
  await expect(page.locator("[data-status=down]")).toBeVisible();

  const [window] = await organization.list<{ id: string }>("maintenance-windows");
  await page.goto(`/maintenance/${window?.id}/edit`);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete window" }).click();
  await expect(page.getByRole("heading", { name: "Plan your first maintenance" })).toBeVisible();
  await page.goto(`/monitors/${monitor.id}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Shop");
  await expect(banner).toHaveCount(0);
});

test("a monitor and an incident are silenced with a reason, and the silence is ended", async ({ page, organization }) => {
  const monitor = await organization.monitor("Shop", `http://127.0.0.1:${await freePort()}/`);
  await page.goto(`/monitors/${monitor.id}`);
  await page.getByRole("button", { name: "Silence", exact: true }).click();
  await page.getByRole("button", { name: "Silence monitor" }).click();
  await expect(page.getByLabel("Reason")).toHaveAccessibleDescription(/say why/);
  await page.getByLabel("For", { exact: true }).selectOption("4 hours");
  await page.getByLabel("Reason").fill("the disk is being replaced");
  await page.getByRole("button", { name: "Silence monitor" }).click();
  const banner = page.getByRole("note", { name: "Silenced" });
  await expect(banner).toContainText("the disk is being replaced");
  await banner.getByRole("button", { name: "End silence" }).click();
  await expect(banner).toHaveCount(0);

  await expect.poll(async () => (await organization.list<Incident>("incidents")).length).toBe(1);
  const [incident] = await organization.list<Incident>("incidents");
  await page.goto(`/incidents/${incident?.id}`);
  await page.getByRole("button", { name: "Silence", exact: true }).click();
  await page.getByLabel("Reason").fill("we know");
  await page.getByRole("button", { name: "Silence incident" }).click();
  await expect(banner).toContainText("we know");
  await banner.getByRole("button", { name: "End silence" }).click();
  await expect(banner).toHaveCount(0);
  expect(await organization.list<Notification>("silences")).toHaveLength(0);
});
