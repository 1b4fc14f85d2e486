// Whatever a page complains about fails its test: console errors, panics, refused requests, violations of the content policy.
import type { BrowserContext, ConsoleMessage } from "@playwright/test";

interface Refusal {
  status: number;
  path: RegExp;
}

const REFUSED = /^Failed to load resource: the server responded with a status of (\d+)/;

export class Watch {
  readonly complaints: string[] = [];
  /** The browser writes every refused request into its console; this one is how a client asks who is signed in. */
  readonly #expected: Refusal[] = [{ status: 401, path: /^\/api\/v1\/auth\/session$/ }];

  static async over(context: BrowserContext): Promise<Watch> {
    const watch = new Watch();
    context.on("console", (said) => watch.#hear(said));
    context.on("weberror", (thrown) => watch.complaints.push(`thrown: ${thrown.error().stack ?? thrown.error().message}`));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (violation) => {
        console.error(`content policy: ${violation.effectiveDirective} refuses ${violation.blockedURI}`);
      });
    });
    return watch;
  }

  /** From now on a request to this path may be refused with this status. */
  expectRefusal(status: number, path: RegExp): void {
    this.#expected.push({ status, path });
  }

  #hear(said: ConsoleMessage): void {
    if (said.type() !== "error") return;
    const url = said.location().url;
    const status = Number(REFUSED.exec(said.text())?.[1]);
    const path = URL.canParse(url) ? new URL(url).pathname : url;
    const isExpected = this.#expected.some((known) => known.status === status && known.path.test(path));
    if (!isExpected) this.complaints.push(`console: ${said.text()} (${url})`);
  }
}
