// The live connection: cut, said so, opened again by itself, and what happened meanwhile is there without a reload.
import type { WebSocketRoute } from "@playwright/test";
import { expect, test } from "./harness.ts";
import { expectStatus, row } from "./steps/monitors.ts";

test("a page that lost its connection says so and catches up by itself", async ({ page, organization, nginx }) => {
  const addresses: string[] = [];
  let open: WebSocketRoute | undefined;
  let frames = 0;
  let isCut = false;
  await page.routeWebSocket(/\/api\/v1\/stream/, async (socket) => {
    addresses.push(socket.url());
    if (isCut) return socket.close();
    socket.connectToServer().onMessage((frame) => {
      frames += 1;
      socket.send(frame);
    });
    open = socket;
  });
  const first = await organization.monitor("First", nginx.url);
  await page.goto("/");
  await expectStatus(page, "First", "Up");
  // A frame carries the number from which on something can be missed.
  await expect.poll(() => frames).toBeGreaterThan(0);

  isCut = true;
  await open?.close();
  await expect(page.getByRole("status").getByText("Reconnecting…")).toBeVisible();
  await organization.post(`monitors/${first.id}/pause`);
  await organization.monitor("Second", nginx.url);
  await expect(row(page, "Second")).toHaveCount(0);
  await expectStatus(page, "First", "Up");

  isCut = false;
  await expect(page.getByRole("status").getByText("Live")).toBeVisible();
  await expectStatus(page, "First", "Paused");
  await expectStatus(page, "Second", "Up");
  // It asked for what it missed instead of loading everything anew.
  expect(addresses.at(-1)).toMatch(/\?after=\d+$/);
});

test("another organization's changes do not reach the page", async ({ page, organization, nginx, house }) => {
  await organization.monitor("Ours", nginx.url);
  const frames: string[] = [];
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => frames.push(String(payload))));
  await page.goto("/");
  await expectStatus(page, "Ours", "Up");
  // Two rounds of checks of both organizations.
  await expect.poll(() => frames.filter((frame) => frame.includes("check.result")).length).toBeGreaterThan(2);
  const theirs = house.pages.flatMap(([address]) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(address)?.[0] ?? []);
  expect(theirs.length).toBeGreaterThan(0);
  expect(frames.filter((frame) => theirs.some((id) => frame.includes(id)))).toEqual([]);
});
