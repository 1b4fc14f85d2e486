// An organization of its own for one test, and its way past the pages: what a test is not about is arranged over the API.
import { randomUUID } from "node:crypto";
import type { APIRequestContext, APIResponse } from "@playwright/test";

export interface Named {
  id: string;
  name: string;
}

export interface Outcome {
  at: string;
  verdict: "success" | "slow" | "failure" | "unknown";
  reason: string | null;
  latency_us: number | null;
}

export interface Incident {
  id: string;
  state: "open" | "acknowledged" | "resolved";
  opened_at: string;
}

export interface Notification {
  id: string;
  idempotency_key: string;
  event: string;
  status: "pending" | "sent" | "failed" | "dead";
  attempts: number;
}

type Json = Record<string, unknown>;

/** What somebody types at the sign-up. */
export interface Person {
  name: string;
  organization: string;
  email: string;
  password: string;
}

export function newPerson(): Person {
  const email = `owner-${randomUUID()}@example.com`;
  return { name: "First Owner", organization: "Example Shop", email, password: "a long enough passphrase" };
}

/** Calls with the browser's own session: requests of the context share its cookies. */
export class Organization {
  readonly person: Person;
  readonly #request: APIRequestContext;
  readonly #origin: string;

  private constructor(request: APIRequestContext, origin: string, person: Person) {
    this.#request = request;
    this.#origin = origin;
    this.person = person;
  }

  /** Registers a new one; the browser is signed in afterwards. */
  static async register(request: APIRequestContext, origin: string): Promise<Organization> {
    const organization = new Organization(request, origin, newPerson());
    await organization.post("auth/register", { ...organization.person });
    return organization;
  }

  /** The one that the browser is signed in to. */
  static signedIn(request: APIRequestContext, origin: string, person: Person): Organization {
    return new Organization(request, origin, person);
  }

  /** A monitor of `url` that one failure takes down and one success brings up again, checked every five seconds. */
  async monitor(name: string, url: string, change: Json = {}): Promise<Named> {
    const policy = { confirm_down: { mode: "consecutive", failures: 1 }, confirm_up: { successes: 1 }, flapping: null };
    const check = { type: "http", url };
    return this.post("monitors", { name, interval_seconds: 5, timeout_ms: 2_000, check, policy, ...change });
  }

  async channel(name: string, url: string): Promise<Named & { secret: string }> {
    return this.post("channels", { name, type: "webhook", config: { url } });
  }

  async rule(name: string, events: string[], channel: Named): Promise<Named> {
    return this.post("rules", { name, match: { all: true }, events, channel_ids: [channel.id] });
  }

  async get<T>(path: string): Promise<T> {
    return answer(await this.#request.get(`${this.#origin}/api/v1/${path}`));
  }

  async list<T>(path: string): Promise<T[]> {
    return (await this.get<{ items: T[] }>(path)).items;
  }

  async post<T>(path: string, data: Json = {}): Promise<T> {
    const headers = { origin: this.#origin };
    return answer(await this.#request.post(`${this.#origin}/api/v1/${path}`, { data, headers }));
  }
}

async function answer<T>(response: APIResponse): Promise<T> {
  if (!response.ok()) throw new Error(`${response.url()}: ${response.status()} ${await response.text()}`);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
