// What every browser test stands on: the real program, started once; a page that may not complain; a target and a receiver.
import { type Page, test as base, expect } from "@playwright/test";
import { type House, withHouse } from "./harness/house.ts";
import { Nginx } from "./harness/nginx.ts";
import { Organization } from "./harness/organization.ts";
import { type Pulse, startPulse } from "./harness/pulse.ts";
import { Sink } from "./harness/sink.ts";
import { Watch } from "./harness/watch.ts";

interface PerTest {
  /** Fails the test when its page complained. */
  watch: Watch;
  /** A new organization, its owner signed in. */
  organization: Organization;
  /** The page of a test that needs nobody but an owner who is signed in. */
  signedIn: Page;
  nginx: Nginx;
  sink: Sink;
}

interface PerWorker {
  pulse: Pulse;
  /** An organization that has something on every page. */
  house: House;
}

const PULSE_START_MS_MAX = 120_000;

export const test = base.extend<PerTest, PerWorker>({
  pulse: [
    async ({}, use) => {
      const pulse = await startPulse();
      await use(pulse);
      await pulse.stop();
    },
    { scope: "worker", timeout: PULSE_START_MS_MAX },
  ],
  house: [async ({ playwright, pulse }, use) => withHouse(playwright.request, pulse.origin, use), { scope: "worker" }],
  baseURL: async ({ pulse }, use) => use(pulse.origin),
  watch: [
    async ({ context }, use) => {
      const watch = await Watch.over(context);
      await use(watch);
      expect(watch.complaints, "what the page complained about").toEqual([]);
    },
    { auto: true },
  ],
  organization: async ({ context, pulse }, use) => {
    await use(await Organization.register(context.request, pulse.origin));
  },
  signedIn: async ({ page, organization: _owner }, use) => {
    await use(page);
  },
  nginx: async ({}, use) => {
    const nginx = await Nginx.start();
    await use(nginx);
    await nginx.end();
  },
  sink: async ({}, use) => {
    const sink = await Sink.start();
    await use(sink);
    await sink.stop();
  },
});

export { expect };
