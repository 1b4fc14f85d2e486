// Alert rules: from no channel to a rule that tells of the monitors it names and of no other.
import { expect, test } from "./harness.ts";
import type { Incident, Notification } from "./harness/organization.ts";
import { freePort } from "./harness/service.ts";
import { message } from "./harness/sink.ts";
import { chooseKind, saveNewChannel } from "./steps/channels.ts";

test("the way from no channel to a first rule, its mistakes said at their fields", async ({ page, organization, sink, nginx }) => {
  await organization.monitor("Shop", nginx.url, { tags: ["prod"] });
  await organization.monitor("Blog", nginx.url);
  await page.goto("/rules");
  await page.getByRole("link", { name: "Add a channel" }).click();
  await chooseKind(page, "Webhook");
  await page.getByLabel("Name", { exact: true }).fill("On call");
  await page.getByLabel("URL").fill(sink.url);
  await saveNewChannel(page);
  await page.getByRole("link", { name: "Add a rule that uses it" }).click();

  await page.getByLabel("Applies to").selectOption("some");
  for (const event of ["Monitor went down", "Monitor came back up"]) await page.getByLabel(event).uncheck();
  await page.getByLabel("Delay (seconds)").fill("-1");
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveAccessibleDescription(/must not be empty/);
  await expect(page.getByLabel("Applies to")).toHaveAccessibleDescription(/choose a monitor or name a tag/);
  await expect(page.getByLabel("Delay (seconds)")).toHaveAccessibleDescription(/from 0 to 86400/);
  await expect(page.getByRole("group", { name: "Events" })).toContainText("choose at least one event");
  await expect(page.getByRole("group", { name: "Channels" })).toContainText("choose at least one channel");

  await page.getByLabel("Name", { exact: true }).fill("Production");
  await page.getByLabel("Tags").fill("prod");
  await page.getByRole("group", { name: "Monitors" }).getByLabel("Blog").check();
  await page.getByLabel("Monitor went down").check();
  await page.getByRole("group", { name: "Channels" }).getByLabel("On call").check();
  await page.getByLabel("Delay (seconds)").fill("30");
  await page.getByRole("button", { name: "Save rule" }).click();
  const row = page.getByRole("list", { name: "Rules" }).getByRole("listitem");
  await expect(row).toContainText("Production");
  await expect(row).toContainText("1 monitor and tags prod · 1 event → On call");

  await page.getByRole("link", { name: "Production" }).click();
  await expect(page).toHaveURL(/\/rules\/[0-9a-f-]{36}\/edit$/);
  await expect(page.getByLabel("Tags")).toHaveValue("prod");
  await expect(page.getByRole("group", { name: "Monitors" }).getByLabel("Blog")).toBeChecked();
  await expect(page.getByRole("group", { name: "Monitors" }).getByLabel("Shop")).not.toBeChecked();
  await expect(page.getByLabel("Delay (seconds)")).toHaveValue("30");
  await page.getByLabel("Applies to").selectOption("all");
  await page.getByLabel("Enabled").uncheck();
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(row).toContainText("all monitors · 1 event");
  await expect(row).toContainText("Off");
});

test("a rule about a tag tells of the tagged monitor and of no other", async ({ page, organization, sink }) => {
  const channel = await organization.channel("On call", sink.url);
  await page.goto("/rules/new");
  await page.getByLabel("Name", { exact: true }).fill("Production");
  await page.getByLabel("Applies to").selectOption("some");
  await page.getByLabel("Tags").fill("prod");
  await page.getByRole("group", { name: "Channels" }).getByLabel(channel.name).check();
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByRole("list", { name: "Rules" })).toContainText("tags prod");

  const closed = `http://127.0.0.1:${await freePort()}/`;
  await organization.monitor("Blog", closed);
  const shop = await organization.monitor("Shop", closed, { tags: ["prod"] });
  expect(message(await sink.received("monitor.down")).data).toMatchObject({ monitor: { id: shop.id } });
  // An incident and what it sends are written together, so with both incidents everything is there.
  await expect.poll(async () => (await organization.list<Incident>("incidents")).length).toBe(2);
  await page.getByRole("link", { name: "Deliveries" }).click();
  await expect(page.getByRole("link", { name: "Monitor went down: Shop" })).toBeVisible();
  expect(await organization.list<Notification>("notifications")).toHaveLength(1);
});
