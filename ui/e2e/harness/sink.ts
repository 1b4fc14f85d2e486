// A webhook receiver on loopback that keeps what it was sent, with the instant of arrival.
import { EventEmitter, once } from "node:events";
import { type IncomingHttpHeaders, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

const ARRIVAL_MS_MAX = 30_000;

export interface Delivery {
  /** Milliseconds since 1970. */
  at: number;
  path: string;
  headers: IncomingHttpHeaders;
  /** The exact bytes. */
  body: Buffer;
  /** What it answered. */
  status: number;
}

export interface Message {
  type: string;
  timestamp: string;
  data: Record<string, Record<string, unknown> | null>;
}

export class Sink {
  readonly deliveries: Delivery[] = [];
  /** The status that it answers from now on. */
  answer = 204;
  readonly #arrivals = new EventEmitter();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const at = Date.now();
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const status = this.answer;
        this.deliveries.push({ at, path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks), status });
        response.writeHead(status).end(status < 300 ? "" : "no longer here");
        this.#arrivals.emit("arrival");
      });
    });
  }

  static async start(): Promise<Sink> {
    const sink = new Sink();
    await new Promise<void>((resolve) => sink.#server.listen(0, "127.0.0.1", resolve));
    return sink;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/hook`;
  }

  /** The first delivery of a type from the given number on, once it is there. */
  async received(type: string, from = 0): Promise<Delivery> {
    const late = AbortSignal.timeout(ARRIVAL_MS_MAX);
    for (;;) {
      const arrival = once(this.#arrivals, "arrival", { signal: late });
      const found = this.deliveries.slice(from).find((delivery) => message(delivery).type === type);
      if (found !== undefined) {
        arrival.catch(() => undefined);
        return found;
      }
      await arrival.catch(() => {
        const types = this.deliveries.map((delivery) => message(delivery).type);
        throw new Error(`no ${type} arrived within ${ARRIVAL_MS_MAX} ms, only [${types.join(", ")}]`);
      });
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function message(delivery: Delivery): Message {
  return JSON.parse(delivery.body.toString("utf8")) as Message;
}
