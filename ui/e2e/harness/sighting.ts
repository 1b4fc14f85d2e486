// The instant at which an open page shows something, taken by the page itself: asking it from outside would add its own delay.
import type { Page } from "@playwright/test";

/** When the row of a monitor first shows one of the statuses, in milliseconds since 1970. Call it before it happens. */
export async function sightingOf(page: Page, monitorId: string, statuses: string[]): Promise<{ at: Promise<number> }> {
  const handle = await page.evaluateHandle(
    ([id, wanted]) => {
      const isShown = (): boolean => {
        const row = document.querySelector(`[data-monitor="${id}"]`);
        return wanted.includes(row?.getAttribute("data-status") ?? "");
      };
      const at = new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          if (!isShown()) return;
          observer.disconnect();
          resolve(performance.timeOrigin + performance.now());
        });
        observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      });
      return { at };
    },
    [monitorId, statuses] as const,
  );
  // Only awaited when the test asks for it; a page that closes first is no failure of its own.
  const at = handle.evaluate(async (sighting) => sighting.at);
  at.catch(() => undefined);
  return { at };
}
