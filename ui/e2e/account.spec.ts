// Accounts: signing up with mistakes, signing out, a wrong password, and a session that ends under an open page.
import { expect, test } from "./harness.ts";
import { newPerson } from "./harness/organization.ts";
import { signIn, signUp } from "./steps/account.ts";

test("a sign-up with mistakes says at each field what is wrong, and goes through once they are mended", async ({ page, watch }) => {
  const person = newPerson();
  watch.expectRefusal(422, /\/auth\/register$/);
  await page.goto("/sign-up");
  await signUp(page, { ...person, email: "owner@nowhere", password: "too short" });
  const password = page.getByLabel("Password", { exact: true });
  await expect(password).toHaveAccessibleDescription(/between 15 and 256 characters/);
  await expect(password).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Organization")).not.toHaveAttribute("aria-invalid");
  await page.getByRole("button", { name: "Show password" }).click();
  await expect(password).toHaveAttribute("type", "text");
  await signUp(page, person);
  await expect(page.getByRole("heading", { level: 1, name: "Monitors" })).toBeVisible();
  await expect(page.getByText(person.organization)).toBeVisible();
});

test("an address that is taken is refused at its field", async ({ page, organization, watch, context }) => {
  await context.clearCookies();
  watch.expectRefusal(422, /\/auth\/register$/);
  await page.goto("/sign-up");
  await signUp(page, organization.person);
  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription(/can't be used/);
});

test("after signing out every page leads to the sign-in, which leads back to it", async ({ page, organization, watch }) => {
  await page.goto("/channels");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto("/rules");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  watch.expectRefusal(401, /\/auth\/login$/);
  await signIn(page, organization.person.email, "not the passphrase at all");
  await expect(page.getByRole("alert")).toContainText("The e-mail address or the password is wrong");
  await signIn(page, organization.person.email, organization.person.password);
  await expect(page.getByRole("heading", { level: 1, name: "Rules" })).toBeVisible();
  await expect(page).toHaveURL(/\/rules$/);
});

test("a session that ended under an open page leads to the sign-in at the next request", async ({ page, organization, context, watch }) => {
  await page.goto("/");
  await expect(page.getByRole("status").getByText("Live")).toBeVisible();
  await context.clearCookies();
  watch.expectRefusal(401, /^\/api\/v1\//);
  await page.getByRole("link", { name: "Incidents" }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await signIn(page, organization.person.email, organization.person.password);
  await expect(page.getByRole("heading", { level: 1, name: "Incidents" })).toBeVisible();
});

test("the chosen theme outlives a reload", async ({ signedIn: page }) => {
  await page.goto("/");
  const root = page.locator("html");
  await page.getByRole("button", { name: "Dark theme" }).click();
  await expect(root).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(root).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "System theme" }).click();
  await expect(root).not.toHaveAttribute("data-theme");
});
