// One organization that has something on every page: a monitor that is up, one that is down, and all that follows from it.
import type { APIRequest, BrowserContext } from "@playwright/test";
import { Nginx } from "./nginx.ts";
import { type Incident, type Named, type Notification, Organization } from "./organization.ts";
import { freePort } from "./service.ts";
import { Sink } from "./sink.ts";

export interface House {
  /** Of the owner's session. */
  cookies: Parameters<BrowserContext["addCookies"]>[0];
  pages: [address: string, heading: string][];
}

/** Its target and its receiver live as long as `use` runs. */
export async function withHouse(request: APIRequest, origin: string, use: (house: House) => Promise<void>): Promise<void> {
  const [nginx, sink] = [await Nginx.start(), await Sink.start()];
  const session = await request.newContext();
  try {
    const organization = await Organization.register(session, origin);
    const pages = await furnish(organization, nginx, sink);
    await use({ cookies: (await session.storageState()).cookies, pages });
  } finally {
    await session.dispose();
    await sink.stop();
    await nginx.end();
  }
}

async function furnish(organization: Organization, nginx: Nginx, sink: Sink): Promise<House["pages"]> {
  const channel = await organization.channel("On call", sink.url);
  const rule = await organization.rule("Everything", ["monitor.down", "monitor.up"], channel);
  const tags = ["prod", "checkout"];
  await organization.monitor("Shop", nginx.url, { tags });
  const closed = `http://127.0.0.1:${await freePort()}/`;
  const down = await organization.monitor("Warehouse with a name that is longer than most", closed, { tags });
  const window = await organization.post<Named>("maintenance-windows", {
    name: "Sunday night",
    match: { all: true },
    schedule: { type: "recurring", rrule: "FREQ=WEEKLY;BYDAY=SU", time_zone: "Europe/Berlin", start: "2026-01-04T02:00:00", duration_minutes: 60 },
  });
  const [member] = await organization.list<Named>("members");
  const layer = { name: "Weeks", participants: [member?.id], start: "2026-01-05T09:00:00", shift_days: 7 };
  const schedule = await organization.post<Named>("on-call-schedules", { name: "Primary", time_zone: "Europe/Berlin", layers: [layer] });
  const push = { interval_seconds: 3_600, check: { type: "push", grace_seconds: 60 } };
  const job = await organization.monitor("Nightly backup", "", push);
  await sink.received("monitor.down");
  const [incident] = await organization.list<Incident>(`incidents?monitor_id=${down.id}`);
  const [delivery] = await organization.list<Notification>("notifications");
  if (incident === undefined || delivery === undefined) throw new Error("the outage left no incident or no delivery");
  return [
    ["/", "Monitors"],
    ["/?status=down", "Monitors"],
    ["/monitors/new", "Add a monitor"],
    [`/monitors/${down.id}`, down.name],
    [`/monitors/${down.id}?range=30d`, down.name],
    [`/monitors/${down.id}/edit`, "Edit monitor"],
    [`/monitors/${job.id}`, job.name],
    [`/monitors/${job.id}/edit`, "Edit monitor"],
    ["/metrics", "Metrics"],
    ["/incidents", "Incidents"],
    [`/incidents/${incident.id}`, `Outage: ${down.name}`],
    ["/channels", "Channels"],
    ["/channels/new", "Add a channel"],
    [`/channels/${channel.id}/edit`, "Edit channel"],
    ["/rules", "Rules"],
    ["/rules/new", "Add a rule"],
    [`/rules/${rule.id}/edit`, "Edit rule"],
    ["/maintenance", "Maintenance"],
    ["/maintenance/new", "Plan maintenance"],
    [`/maintenance/${window.id}/edit`, "Edit maintenance"],
    ["/on-call", "On call"],
    ["/on-call/new", "Add a schedule"],
    [`/on-call/${schedule.id}`, schedule.name],
    [`/on-call/${schedule.id}/edit`, "Edit schedule"],
    ["/deliveries", "Deliveries"],
    [`/deliveries/${delivery.id}`, "Monitor went down"],
    ["/no/such/page", "Page not found"],
  ];
}
