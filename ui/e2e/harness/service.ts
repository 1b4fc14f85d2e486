// A program that the tests start: awaited until it is ready, and stopped by its own process id.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 50;
// Longer than Pulse's own bound for draining (20 s).
const STOP_MS_MAX = 25_000;
// Below the range that systems take for outgoing connections, so that nobody gets the port while its owner is stopped.
const PORT_MIN = 20_000;
const PORT_MAX = 30_000;
const LOG_CHARS_SHOWN = 4_000;

const running = new Set<ChildProcess>();
// A runner that crashes leaves nobody behind.
process.on("exit", () => running.forEach((child) => child.kill("SIGTERM")));

export class Service {
  readonly #name: string;
  readonly #log: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(name: string, program: string, args: string[], place: { folder: string; log: string; env: NodeJS.ProcessEnv }) {
    this.#name = name;
    this.#log = place.log;
    const log = openSync(place.log, "a");
    const stdio: ["ignore", number, number] = ["ignore", log, log];
    this.#child = spawn(program, args, { cwd: place.folder, env: place.env, stdio });
    closeSync(log);
    running.add(this.#child);
    this.#ended = once(this.#child, "exit").catch(() => undefined).finally(() => running.delete(this.#child));
  }

  get #isEnded(): boolean {
    return !running.has(this.#child);
  }

  /** Asks until it is ready; a program that ended will never be. */
  async until(isReady: () => Promise<boolean>, msMax: number): Promise<void> {
    const deadline = Date.now() + msMax;
    while (!(await isReady().catch(() => false))) {
      if (this.#isEnded) throw new Error(`${this.#name} ended at its start:\n${this.#logged()}`);
      if (Date.now() > deadline) throw new Error(`${this.#name} is not ready after ${msMax} ms:\n${this.#logged()}`);
      await pause(POLL_MS);
    }
  }

  /** SIGTERM, and it has to end by itself. */
  async stop(): Promise<void> {
    if (this.#isEnded) return;
    this.#child.kill("SIGTERM");
    const late = new AbortController();
    const timeout = pause(STOP_MS_MAX, "late", { signal: late.signal }).catch(() => "ended");
    const first = await Promise.race([this.#ended.then(() => "ended"), timeout]);
    late.abort();
    if (first === "late") {
      this.#child.kill("SIGKILL");
      throw new Error(`${this.#name} did not stop within ${STOP_MS_MAX} ms:\n${this.#logged()}`);
    }
  }

  #logged(): string {
    return readFileSync(this.#log, "utf8").slice(-LOG_CHARS_SHOWN);
  }
}

/** A port of the loopback address that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  return free;
}
