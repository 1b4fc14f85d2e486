// The list of monitors and the form, as people find their way in them.
import { type Locator, type Page, expect } from "@playwright/test";

/** The row of a monitor in the list. */
export function row(page: Page, name: string): Locator {
  return page.getByRole("list", { name: "Monitors" }).getByRole("listitem").filter({ hasText: name });
}

export async function expectStatus(page: Page, name: string, status: string): Promise<void> {
  await expect(row(page, name)).toContainText(status);
}

export async function addAssertion(
  page: Page,
  number: number,
  claim: { source: string; property?: [label: string, value: string]; comparison: string; value?: string },
): Promise<void> {
  await page.getByRole("button", { name: "Add assertion" }).click();
  const assertion = page.getByRole("group", { name: `Assertion ${number}` });
  await assertion.getByLabel("Source").selectOption(claim.source);
  if (claim.property !== undefined) await assertion.getByLabel(claim.property[0]).fill(claim.property[1]);
  await assertion.getByLabel("Comparison").selectOption(claim.comparison);
  if (claim.value !== undefined) await assertion.getByLabel("Value").fill(claim.value);
}

/** What the Test button found. */
export function testResult(page: Page): Locator {
  return page.getByRole("status").filter({ has: page.locator("dl") });
}
