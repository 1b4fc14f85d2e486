// The baseline that Pulse is measured beside: one repeatable job per monitor in Redis, a worker that makes the request
// over a fresh connection and inserts a row into Postgres. No assertions, no hysteresis, no alerts.
//
// Settings come as one JSON argument: {redis: {host, port}, database, interval_ms, concurrency,
// monitors, addresses, port}: monitor n is at http://127.77.0.<n mod addresses + 1>:<port>/m/<n>.
// When every job is scheduled, one line goes to stdout: {"ready": true}. SIGTERM ends it.
import http from "node:http";
import { Queue, Worker } from "bullmq";
import pg from "pg";

const QUEUE = "checks";
// How many jobs are made at once.
const WIDTH = 200;
const TIMEOUT_MS = 10_000;

const settings = JSON.parse(process.argv[2]);
const database = new pg.Pool({ connectionString: settings.database, max: 10 });
const connection = { ...settings.redis, maxRetriesPerRequest: null };
const agent = new http.Agent({ keepAlive: false });

function request(url) {
  return new Promise((resolve) => {
    const began = performance.now();
    const answered = (status) => resolve({ status, micros: Math.round((performance.now() - began) * 1000) });
    const asked = http.get(url, { agent, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      response.on("end", () => answered(response.statusCode));
    });
    asked.on("timeout", () => asked.destroy(new Error("timeout")));
    asked.on("error", () => answered(null));
  });
}

await database.query(
  "CREATE TABLE IF NOT EXISTS results (monitor integer, at timestamptz, status integer, latency_us integer, PRIMARY KEY (monitor, at))",
);
const worker = new Worker(
  QUEUE,
  async (job) => {
    const at = new Date();
    const { status, micros } = await request(job.data.url);
    await database.query({
      name: "insert",
      text: "INSERT INTO results VALUES ($1, $2, $3, $4)",
      values: [job.data.monitor, at, status, micros],
    });
  },
  { connection, concurrency: settings.concurrency },
);
worker.on("error", (error) => console.error(error.message));

const queue = new Queue(QUEUE, { connection });
const url = (monitor) => `http://127.77.0.${(monitor % settings.addresses) + 1}:${settings.port}/m/${monitor}`;
// Spread evenly over the interval; the offset is from whole intervals since 1970.
const offset = (monitor) => Math.max(1, Math.floor((monitor * settings.interval_ms) / settings.monitors));
const schedule = (monitor) =>
  queue.upsertJobScheduler(
    `monitor-${monitor}`,
    { every: settings.interval_ms, offset: offset(monitor) },
    { name: "check", data: { monitor, url: url(monitor) }, opts: { removeOnComplete: true, removeOnFail: true } },
  );
for (let from = 0; from < settings.monitors; from += WIDTH) {
  const width = Math.min(WIDTH, settings.monitors - from);
  await Promise.all(Array.from({ length: width }, (_, place) => schedule(from + place)));
}
console.log(JSON.stringify({ ready: true }));

process.once("SIGTERM", async () => {
  await worker.close();
  await queue.close();
  await database.end();
  process.exit(0);
});
