// Every page by its address, light and dark, narrow and wide: it opens, has its heading, complains about nothing, satisfies
// axe and needs no sideways scrolling.
import type { Page } from "@playwright/test";
import { expect, test } from "./harness.ts";
import { expectAccessible } from "./harness/accessible.ts";

const SIZES = { narrow: { width: 390, height: 844 }, wide: { width: 1_280, height: 800 } };

for (const colorScheme of ["light", "dark"] as const) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test.describe(`${colorScheme}, ${size}`, () => {
      test.use({ colorScheme, viewport });

      test(`every page of the house, ${colorScheme} and ${size}`, async ({ page, context, house }) => {
        await context.addCookies(house.cookies);
        for (const [address, heading] of house.pages) {
          await test.step(address, async () => {
            await page.goto(address);
            await expectWellMade(page, heading);
          });
        }
      });

      test(`the pages before the door, ${colorScheme} and ${size}`, async ({ page }) => {
        await page.goto("/sign-in");
        await expectWellMade(page, "Sign in");
        await page.goto("/sign-up");
        await expectWellMade(page, "Create your organization");
      });
    });
  }
}

async function expectWellMade(page: Page, heading: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
  await expect(page).toHaveTitle(`${heading} · Pulse`);
  await expect(page.getByText("Loading…")).toHaveCount(0);
  await expectAccessible(page);
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(overhang, `${page.url()} is wider than its window by`).toBeLessThanOrEqual(0);
}

test("a page that lists nothing yet says what to do next", async ({ signedIn: page }) => {
  const next = [
    ["/", "Add your first monitor"],
    ["/channels", "Add your first channel"],
    ["/rules", "Add a channel"],
    ["/maintenance", "Plan maintenance"],
    ["/on-call", "Add schedule"],
  ] as const;
  for (const [address, action] of next) {
    await page.goto(address);
    await expect(page.getByRole("link", { name: action }).last()).toBeVisible();
    await expectAccessible(page);
  }
  await page.goto("/metrics");
  await expect(page.getByRole("button", { name: "Make an ingest key" })).toBeVisible();
  for (const address of ["/incidents", "/deliveries"]) {
    await page.goto(address);
    await expect(page.getByText("Loading…")).toHaveCount(0);
    await expect(page.getByRole("heading", { level: 2 })).toBeVisible();
    await expectAccessible(page);
  }
});

test("what does not exist, or not here, says so", async ({ signedIn: page, watch, house }) => {
  watch.expectRefusal(404, /^\/api\/v1\//);
  const nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
  const theirs = house.pages.map(([address]) => address).filter((address) => /[0-9a-f]{8}-/.test(address));
  for (const address of [`/monitors/${nobody}`, ...theirs]) {
    await page.goto(address);
    await expect(page.getByRole("alert").first()).toContainText("does not exist");
  }
});
