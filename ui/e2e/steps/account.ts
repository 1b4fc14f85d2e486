// What people do at the door.
import type { Page } from "@playwright/test";
import type { Person } from "../harness/organization.ts";

export async function signUp(page: Page, person: Person): Promise<void> {
  await page.getByLabel("Organization").fill(person.organization);
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Create organization" }).click();
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
