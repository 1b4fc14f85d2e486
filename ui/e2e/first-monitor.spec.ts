// The first workflow: sign up, add a monitor on a real nginx, test it before saving, save it, see it up.
import { expect, test } from "./harness.ts";
import { newPerson } from "./harness/organization.ts";
import { freePort } from "./harness/service.ts";
import { signUp } from "./steps/account.ts";
import { addAssertion, expectStatus, row, testResult } from "./steps/monitors.ts";

test("from the sign-up to a first monitor that is seen up", async ({ page, nginx }) => {
  const closed = await freePort();
  await page.goto("/sign-up");
  await signUp(page, newPerson());
  await page.getByRole("link", { name: "Add your first monitor" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Add a monitor" })).toBeFocused();

  await test.step("a test against a closed port says what is wrong", async () => {
    await page.getByLabel("Name", { exact: true }).fill("Shop");
    await page.getByLabel("URL").fill(`http://127.0.0.1:${closed}/health`);
    await page.getByLabel("Check every (seconds)").fill("5");
    await page.getByLabel("Timeout (ms)").fill("2000");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(testResult(page)).toContainText("Failure");
    await expect(testResult(page)).toContainText("connect refused");
  });

  await test.step("a test against nginx shows the verdict and the phases", async () => {
    await page.getByLabel("URL").fill(nginx.url);
    await addAssertion(page, 1, { source: "status_code", comparison: "equals", value: "200" });
    await addAssertion(page, 2, {
      source: "json",
      property: ["JSONPath", "$.database.connections"],
      comparison: "less_than",
      value: "10",
    });
    await addAssertion(page, 3, { source: "header", property: ["Header name", "x-served-by"], comparison: "equals", value: "nginx" });
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(testResult(page)).toContainText("Success");
    for (const phase of ["connect", "first byte", "total"]) {
      await expect(testResult(page).getByText(phase, { exact: true })).toBeVisible();
    }
  });

  await test.step("saved, it comes up without a reload", async () => {
    await page.getByRole("button", { name: "Save monitor" }).click();
    await expect(page).toHaveURL(/\/monitors\/[0-9a-f-]{36}(\?range=latest)?$/);
    await expect(page.getByRole("heading", { level: 1, name: "Shop" })).toBeVisible();
    await expect(page.getByRole("definition").first()).toHaveText("Up");
    await expect(page.getByRole("row").filter({ hasText: "Success" }).first()).toBeVisible();
    // The chart begins with the second check.
    await expect(page.getByRole("slider", { name: /^Latency of the last \d+ checks/ })).toBeVisible();
  });

  await test.step("and it is up in the list", async () => {
    await page.getByRole("link", { name: "Monitors", exact: true }).click();
    await expectStatus(page, "Shop", "Up");
    await expect(row(page, "Shop")).toContainText(/ ms|µs/);
  });
});

test("a form with mistakes says at each field what is wrong, before and after asking the server", async ({
  signedIn: page,
  watch,
}) => {
  await page.goto("/monitors/new");
  await page.getByLabel("Check every (seconds)").fill("3");
  await page.getByRole("button", { name: "Save monitor" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("Check every (seconds)")).toHaveAccessibleDescription(/from 5 to 86400/);
  await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");

  await page.getByLabel("Name", { exact: true }).fill("Mistaken");
  await page.getByLabel("URL").fill("https://shop.example/health");
  await page.getByLabel("Check every (seconds)").fill("5");
  await page.getByLabel("Timeout (ms)").fill("6000");
  await addAssertion(page, 1, { source: "json", property: ["JSONPath", "$.["], comparison: "equals", value: "1" });
  watch.expectRefusal(422, /\/monitors$/);
  await page.getByRole("button", { name: "Save monitor" }).click();
  await expect(page.getByLabel("Timeout (ms)")).toHaveAccessibleDescription(/below/);
  await expect(page.getByRole("group", { name: "Assertion 1" })).toContainText(/JSONPath/);
  await expect(page.getByLabel("Check every (seconds)")).not.toHaveAttribute("aria-invalid");
});
