// Channels and what is sent to them: the secret shown once, the test message, a receiver that says goodbye, the replay.
import { expect, test } from "./harness.ts";
import type { Named } from "./harness/organization.ts";
import { doubt } from "./harness/signature.ts";
import { message } from "./harness/sink.ts";
import { chooseKind, saveNewChannel } from "./steps/channels.ts";

test("a channel is made, its secret is shown once, and its test message arrives signed", async ({ signedIn: page, sink }) => {
  await page.goto("/channels");
  await page.getByRole("link", { name: "Add your first channel" }).click();
  await chooseKind(page, "Webhook");
  await page.getByLabel("Name", { exact: true }).fill("On call");
  await page.getByLabel("URL").fill(sink.url);
  await page.getByRole("button", { name: "Add header" }).click();
  await page.getByLabel("Header name").fill("X-Team");
  await page.getByLabel("Header value").fill("checkout");
  const secret = await saveNewChannel(page);

  const [delivery] = await Promise.all([
    sink.received("channel.test"),
    page.getByRole("button", { name: "Send test message" }).click(),
  ]);
  expect(doubt(delivery, secret)).toBeUndefined();
  expect(delivery.headers).toMatchObject({ "x-team": "checkout", "content-type": "application/json" });
  await expect(page.getByRole("status").filter({ hasText: "Sent" })).toBeVisible();

  await page.getByRole("link", { name: "Details" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Channel test" })).toBeVisible();
  await expect(page.getByText(String(delivery.headers["webhook-id"]))).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "204" })).toHaveCount(1);

  await page.getByRole("link", { name: "Channels", exact: true }).click();
  await page.getByRole("list", { name: "Channels" }).getByRole("link", { name: "On call" }).click();
  await expect(page.getByLabel("URL")).toHaveValue(sink.url);
  await expect(page.getByLabel("Header value")).toHaveValue("••••");
  expect(await page.content()).not.toContain("whsec_");
});

test("a header that is kept as dots is still sent, and a new URL is used", async ({ page, organization, sink }) => {
  const config = { url: `${sink.url}/old`, headers: { "X-Team": "checkout" } };
  const channel = await organization.post<Named>("channels", { name: "On call", type: "webhook", config });
  await page.goto(`/channels/${channel.id}/edit`);
  await page.getByLabel("URL").fill(`${sink.url}/new`);
  await page.getByRole("button", { name: "Save channel" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Channels" })).toBeVisible();
  await page.getByRole("list", { name: "Channels" }).getByRole("link", { name: "On call" }).click();
  await page.getByRole("button", { name: "Send test message" }).click();
  const delivery = await sink.received("channel.test");
  expect(delivery.path).toBe("/hook/new");
  expect(delivery.headers).toMatchObject({ "x-team": "checkout" });
});

test("a receiver that is gone for good: dead, the channel off; switched on again, the replay arrives with the same id", async ({
  page,
  organization,
  sink,
  watch,
}) => {
  const channel = await organization.channel("On call", sink.url);
  sink.answer = 410;

  await test.step("410 ends the message and switches the channel off", async () => {
    await page.goto(`/channels/${channel.id}/edit`);
    await page.getByRole("button", { name: "Send test message" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Dead" })).toContainText("410");
    await page.getByRole("link", { name: "Channels", exact: true }).click();
    const row = page.getByRole("list", { name: "Channels" }).getByRole("listitem");
    await expect(row).toContainText("Off");
    await expect(row).toContainText("410");
  });

  await test.step("an off channel sends no test, and says so", async () => {
    await page.getByRole("list", { name: "Channels" }).getByRole("link", { name: "On call" }).click();
    await expect(page.getByLabel("Enabled")).not.toBeChecked();
    watch.expectRefusal(409, /\/channels\/[0-9a-f-]+\/test$/);
    await page.getByRole("button", { name: "Send test message" }).click();
    await expect(page.getByRole("alert")).toContainText("The channel is disabled");
  });

  await test.step("switched on again", async () => {
    await page.getByLabel("Enabled").check();
    await page.getByRole("button", { name: "Save channel" }).click();
    await expect(page.getByRole("list", { name: "Channels" }).getByRole("listitem")).toContainText("On");
  });

  await test.step("the dead message is replayed", async () => {
    sink.answer = 204;
    await page.getByRole("link", { name: "Deliveries" }).click();
    await page.getByRole("group", { name: "Filter by status" }).getByRole("link", { name: "Dead" }).click();
    await page.getByRole("link", { name: "Channel test" }).click();
    await page.getByRole("button", { name: "Replay" }).click();
    await expect(page.getByRole("definition").first()).toHaveText("Sent");
    await expect(page.getByRole("row").filter({ hasText: "410" })).toContainText("no longer here");
    await expect(page.getByRole("row").filter({ hasText: "204" })).toHaveCount(1);
    await expect(page.getByRole("button", { name: "Replay" })).toHaveCount(0);
  });

  const ids = sink.deliveries.map((delivery) => delivery.headers["webhook-id"]);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size, "the same id both times").toBe(1);
  expect(sink.deliveries.map((delivery) => doubt(delivery, channel.secret))).toEqual([undefined, undefined]);
  expect(message(sink.deliveries[1] ?? sink.deliveries[0]!).type).toBe("channel.test");
});

test("a receiver in trouble is tried again, and the page shows when", async ({ page, organization, sink }) => {
  const channel = await organization.channel("On call", sink.url);
  sink.answer = 500;
  await page.goto(`/channels/${channel.id}/edit`);
  await page.getByRole("button", { name: "Send test message" }).click();
  const fate = page.getByRole("status").filter({ hasText: "Retrying" });
  await expect(fate).toContainText("500");
  sink.answer = 204;
  await page.getByRole("link", { name: "Details" }).click();
  // The second attempt comes after five seconds.
  await expect(page.getByRole("definition").first()).toHaveText("Sent");
  await expect(page.getByRole("row").filter({ hasText: "500" })).toHaveCount(1);
  await expect(page.getByRole("row").filter({ hasText: "204" })).toHaveCount(1);
});

test("a channel that a rule uses stays; without the rule it is deleted", async ({ page, organization, sink, watch }) => {
  const channel = await organization.channel("On call", sink.url);
  await organization.rule("Outages", ["monitor.down"], channel);
  const erase = async (): Promise<void> => {
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete channel" }).click();
  };
  await page.goto(`/channels/${channel.id}/edit`);
  watch.expectRefusal(409, /\/channels\/[0-9a-f-]+$/);
  await erase();
  await expect(page.getByRole("status").filter({ hasText: "An alert rule still sends to this channel" })).toBeVisible();
  await page.getByRole("link", { name: "Rules" }).click();
  await page.getByRole("link", { name: "Outages" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete rule" }).click();
  await expect(page.getByRole("link", { name: "Add your first rule" })).toBeVisible();
  await page.goto(`/channels/${channel.id}/edit`);
  await erase();
  await expect(page.getByRole("link", { name: "Add your first channel" })).toBeVisible();
});

test("a chat channel is found by its name, tried before it is saved, and then alerts", async ({ signedIn: page, sink, watch }) => {
  await page.goto("/channels/new");
  await chooseKind(page, "Slack");
  await page.getByLabel("Name", { exact: true }).fill("Chat");

  await test.step("what is missing is told at its field", async () => {
    watch.expectRefusal(422, /\/channels\/test$/);
    await page.getByRole("button", { name: "Try it" }).click();
    await expect(page.getByRole("alert")).toContainText("webhook url: is missing");
  });

  await test.step("a refusal is shown with what the provider said, and nothing is saved", async () => {
    await page.getByLabel("Webhook URL").fill(sink.url);
    sink.answer = 404;
    await page.getByRole("button", { name: "Try it" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Not accepted" })).toContainText("404");
  });

  await test.step("accepted, then saved: the webhook's address is never shown again", async () => {
    sink.answer = 200;
    await page.getByRole("button", { name: "Try it" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Accepted" })).toBeVisible();
    await page.getByRole("button", { name: "Save channel" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "“Chat” is ready" })).toBeVisible();
    await expect(page.getByText("Signing secret")).toHaveCount(0);
    await page.getByRole("button", { name: "Send test message" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Sent" })).toBeVisible();
  });

  const texts = sink.deliveries.map((delivery) => (message(delivery) as unknown as { text: string }).text);
  expect(texts).toEqual(Array(3).fill("Test message: this channel works"));
  await page.getByRole("link", { name: "Channels", exact: true }).click();
  await page.getByRole("list", { name: "Channels" }).getByRole("link", { name: "Chat" }).click();
  await expect(page.getByLabel("Webhook URL")).toHaveValue("••••");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Accepted" })).toBeVisible();
});

test("a template is previewed with its fields before it is saved", async ({ signedIn: page, sink, watch }) => {
  await page.goto("/channels/new");
  await chooseKind(page, "JSON template");
  await page.getByLabel("Name", { exact: true }).fill("Own form");
  await page.getByLabel("URL").fill(sink.url);
  watch.expectRefusal(422, /\/channels\/preview$/);
  await page.getByLabel("Template").fill("{{ title");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("alert").or(page.getByRole("status")).filter({ hasText: "faulty" }).first()).toBeVisible();
  await page.getByLabel("Template").fill('{"words": {{ title }}}');
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByLabel("Body")).toHaveText('{"words": "Shop is down"}');
  await page.getByRole("button", { name: "Save channel" }).click();
  await page.getByRole("button", { name: "Send test message" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Sent" })).toBeVisible();
  expect(message(sink.deliveries[0]!)).toEqual({ words: "Test message: this channel works" });
});
