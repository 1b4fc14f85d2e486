// The real program on an empty folder of its own: engine, API, web app and its private Postgres.
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { artifacts } from "./artifacts.ts";
import { makeFolder, removeFolder } from "./folder.ts";
import { Service, freePort } from "./service.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const BINARY = process.env["PULSE_E2E_BINARY"] ?? join(ROOT, "target/debug/pulse");
const DIST = process.env["PULSE_E2E_DIST"] ?? join(ROOT, "ui/dist");
// A new cluster is made, on a machine that may be busy.
const START_MS_MAX = 90_000;

export interface Pulse {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  stop(): Promise<void>;
}

export async function startPulse(): Promise<Pulse> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: cargo build`);
  if (!existsSync(join(DIST, "index.html"))) throw new Error(`${DIST} holds no web app: cargo xtask ui`);
  const folder = makeFolder("pulse");
  mkdirSync(artifacts, { recursive: true });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const args = ["up", "--no-demo", "--port", String(port), "--data", join(folder, "data")];
  const service = new Service("pulse", BINARY, args, { folder, log: join(artifacts, "pulse.log"), env: environment() });
  const stop = async (): Promise<void> => {
    await service.stop();
    removeFolder(folder);
  };
  try {
    await service.until(async () => (await fetch(`${origin}/api/health`)).ok, START_MS_MAX);
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, stop };
}

/** Ours without settings of Pulse that somebody's shell may hold. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PULSE_")));
}
