// How a monitor did: uptime of every range, the bars and quantiles of the chosen one, all of it in the address.
import { expect, test } from "./harness.ts";
import { expectAccessible } from "./harness/accessible.ts";

test("a monitor's page tells its uptime and keeps the chosen range in its address", async ({ page, organization, nginx }) => {
  const monitor = await organization.monitor("Shop", nginx.url);
  await expect
    .poll(async () => (await organization.list(`monitors/${monitor.id}/results`)).length, { timeout: 30_000 })
    .toBeGreaterThan(1);
  await page.goto(`/monitors/${monitor.id}`);
  const ranges = page.getByRole("group", { name: "Range", exact: true });
  await expect(ranges.getByRole("link")).toHaveCount(5);
  for (const link of await ranges.getByRole("link").all()) await expect(link).toContainText("100 %");
  await expect(page.getByRole("slider", { name: /^Up and down over the last 24 hours/ })).toBeVisible();

  await ranges.getByRole("link", { name: /^7 days/ }).click();
  await expect(page).toHaveURL(/range=7d/);
  await expect(page.getByRole("slider", { name: /^Latency over the last 7 days/ })).toBeVisible();
  await page.reload();
  const strip = page.getByRole("slider", { name: /^Up and down over the last 7 days/ });
  await expect(strip).toBeVisible();
  await expect(strip).toHaveAttribute("aria-valuetext", /100 % up/);
  await strip.press("Home");
  await expect(strip).toHaveAttribute("aria-valuetext", /not observed/);
  await page.getByText("As a table").click();
  await expect(page.getByRole("group", { name: "Table of the uptime" }).getByRole("row").nth(1)).toContainText("100 %");
  await expectAccessible(page);
  await page.getByRole("link", { name: "Latest checks" }).click();
  await expect(page.getByRole("slider", { name: /^Latency of the last/ })).toBeVisible();
});
