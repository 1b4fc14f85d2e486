// The second workflow: the target stops, the page shows it without a reload, an incident opens, the signed webhook arrives; a
// person acknowledges; the target comes back and the incident resolves. Then the same again, measured.
import type { Page } from "@playwright/test";
import { expect, test } from "./harness.ts";
import { Figure, report } from "./harness/figures.ts";
import type { Incident, Organization, Outcome } from "./harness/organization.ts";
import { sightingOf } from "./harness/sighting.ts";
import { doubt } from "./harness/signature.ts";
import { message } from "./harness/sink.ts";
import { addChannel, addRule } from "./steps/channels.ts";
import { expectStatus, row } from "./steps/monitors.ts";

test("an outage from the stopped target to the resolved incident", async ({ page, organization, nginx, sink, context }) => {
  // Two failures confirm: the first one degrades.
  const policy = { confirm_down: { mode: "consecutive", failures: 2 }, confirm_up: { successes: 1 } };
  const monitor = await organization.monitor("Shop", nginx.url, { policy });
  const secret = await addChannel(page, "On call", sink.url);
  await addRule(page, "Outages", "On call");
  await page.goto("/");
  await expectStatus(page, "Shop", "Up");
  const incidents = await context.newPage();
  await incidents.goto("/incidents");
  await expect(incidents.getByRole("status").getByText("Live")).toBeVisible();
  await markLoaded(page);
  await markLoaded(incidents);

  await nginx.stop();

  await test.step("the row degrades, then goes down, and an incident opens", async () => {
    await expectStatus(page, "Shop", "Degraded");
    await expectStatus(page, "Shop", "Down");
    await expect(row(page, "Shop")).toContainText(/refused/);
    await expect(incidents.getByRole("link", { name: "Outage: Shop" })).toBeVisible();
    await expectNotReloaded(page);
    await expectNotReloaded(incidents);
  });

  await test.step("the signed webhook arrives and verifies with the secret that the page showed", async () => {
    const down = await sink.received("monitor.down");
    expect(doubt(down, secret)).toBeUndefined();
    const [incident] = await organization.list<Incident>(`incidents?monitor_id=${monitor.id}`);
    expect(message(down).data).toMatchObject({ monitor: { id: monitor.id, name: "Shop" }, incident: { id: incident?.id } });
  });

  await test.step("a person acknowledges and comments", async () => {
    await incidents.getByRole("link", { name: "Outage: Shop" }).click();
    await expect(incidents).toHaveURL(/\/incidents\/[0-9a-f-]{36}$/);
    await incidents.getByRole("button", { name: "Acknowledge" }).click();
    await expect(incidents.getByRole("definition").first()).toHaveText("Acknowledged");
    await incidents.getByLabel("Comment").fill("Looking into it");
    await incidents.getByRole("button", { name: "Add comment" }).click();
    const timeline = incidents.getByRole("region", { name: "Timeline" });
    await expect(timeline.getByRole("listitem").first()).toContainText("Outage opened: connect refused");
    await expect(timeline).toContainText("First Owner acknowledged the incident.");
    await expect(timeline).toContainText("First Owner commented: Looking into it");
    await expect(incidents.getByRole("region", { name: "Who was told" })).toContainText("Monitor went down");
    await expectNotReloaded(incidents);
  });

  await nginx.start();

  await test.step("the target is back: up, resolved, and told", async () => {
    await expectStatus(page, "Shop", "Up");
    await expect(incidents.getByRole("definition").first()).toHaveText("Resolved");
    await expect(incidents.getByRole("region", { name: "Timeline" })).toContainText("Resolved: the monitor recovered.");
    await expectNotReloaded(page);
    await expectNotReloaded(incidents);
    const up = await sink.received("monitor.up");
    expect(doubt(up, secret)).toBeUndefined();
    expect(sink.deliveries.map((delivery) => message(delivery).type)).toEqual(["monitor.down", "monitor.up"]);
    await expect(incidents.getByRole("region", { name: "Who was told" })).toContainText("Monitor came back up");
  });
});

/** Rounds of the measurement. */
const ROUNDS = 3;

test("how long it takes from the failing check to the changed row and to the webhook", async ({
  page,
  organization,
  nginx,
  sink,
}) => {
  const monitor = await organization.monitor("Shop", nginx.url);
  const channel = await organization.channel("On call", sink.url);
  await organization.rule("Outages", ["monitor.down"], channel);
  const toCheck = new Figure("target stopped → failing check due (checks every 5 s)");
  const toRow = new Figure("failing check due → row changed in the browser");
  const toSink = new Figure("failing check due → webhook at the sink");
  await page.goto("/");
  for (let round = 0; round < ROUNDS; round += 1) {
    await expectStatus(page, "Shop", "Up");
    const sighting = await sightingOf(page, monitor.id, ["down"]);
    const delivered = sink.received("monitor.down", round);
    await nginx.stop();
    const stoppedAt = Date.now();
    const [seenAt, delivery] = await Promise.all([sighting.at, delivered]);
    const failedAt = await firstFailureSince(organization, monitor.id, stoppedAt);
    toCheck.add(failedAt - stoppedAt);
    toRow.add(seenAt - failedAt);
    toSink.add(delivery.at - failedAt);
    await nginx.start();
  }
  report("figures.json", [toCheck, toRow, toSink]);
  await expectStatus(page, "Shop", "Up");
});

/** When the check was due that found the target stopped, in milliseconds since 1970. */
async function firstFailureSince(organization: Organization, monitorId: string, since: number): Promise<number> {
  // A check under way while nginx stops is due a moment before.
  const from = new Date(since - 1_000).toISOString();
  let found: Outcome | undefined;
  await expect
    .poll(async () => {
      const outcomes = await organization.list<Outcome>(`monitors/${monitorId}/results?from=${from}`);
      found = outcomes.reverse().find(({ verdict }) => verdict === "failure");
      return found?.reason;
    })
    .toBe("connect_refused");
  return Date.parse(found?.at ?? "");
}

/** A reload would forget the mark. */
async function markLoaded(page: Page): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute("data-loaded", "once"));
}

async function expectNotReloaded(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-loaded", "once");
}
