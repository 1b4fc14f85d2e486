// Incidents by their state, and the end of one by hand.
import { expect, test } from "./harness.ts";
import { freePort } from "./harness/service.ts";

test("an incident is found among the open ones, resolved by hand, and found among the resolved ones", async ({ page, organization }) => {
  await organization.monitor("Shop", `http://127.0.0.1:${await freePort()}/`);
  await page.goto("/incidents?state=open");
  await page.getByRole("link", { name: "Outage: Shop" }).click();
  await expect(page.getByRole("definition").first()).toHaveText("Open");
  await expect(page.getByRole("region", { name: "Who was told" })).toContainText("no rule sent a notification");

  await page.getByRole("button", { name: "Resolve" }).click();
  await expect(page.getByRole("definition").first()).toHaveText("Resolved");
  await expect(page.getByRole("region", { name: "Timeline" })).toContainText("First Owner resolved the incident.");
  await expect(page.getByRole("button", { name: "Acknowledge" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Resolve" })).toHaveCount(0);

  await page.getByRole("link", { name: "Incidents", exact: true }).click();
  const filter = page.getByRole("group", { name: "Filter by state" });
  await filter.getByRole("link", { name: "Open" }).click();
  await expect(page.getByRole("heading", { name: "No incidents here" })).toBeVisible();
  await filter.getByRole("link", { name: "Resolved" }).click();
  await expect(page.getByRole("list", { name: "Incidents" })).toContainText("Outage: Shop");
});
