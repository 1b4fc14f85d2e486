// A real nginx on a port and in a folder of its own: the thing that is watched, and that can be stopped.
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { makeFolder, removeFolder } from "./folder.ts";
import { Service, freePort } from "./service.ts";

const START_MS_MAX = 10_000;

export class Nginx {
  readonly port: number;
  readonly #folder: string;
  #service: Service | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async start(): Promise<Nginx> {
    const nginx = new Nginx(await freePort(), makeFolder("nginx"));
    writeFileSync(nginx.#configuration, configuration(nginx.port));
    await nginx.start();
    return nginx;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/health`;
  }

  async start(): Promise<void> {
    const folder = this.#folder;
    const args = ["-p", folder, "-c", this.#configuration, "-e", "stderr"];
    this.#service = new Service("nginx", program(), args, { folder, log: join(folder, "nginx.log"), env: process.env });
    await this.#service.until(async () => (await fetch(this.url)).ok, START_MS_MAX);
  }

  /** Afterwards its port refuses connections. */
  async stop(): Promise<void> {
    await this.#service?.stop();
  }

  async end(): Promise<void> {
    await this.stop();
    removeFolder(this.#folder);
  }

  get #configuration(): string {
    return join(this.#folder, "nginx.conf");
  }
}

/** In the foreground, so that it is this process's child; everything it writes stays in its folder. */
function configuration(port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path tmp-${kind};`);
  return `
    daemon off;
    ${process.getuid?.() === 0 ? "user root;" : ""}
    worker_processes 1;
    pid nginx.pid;
    error_log stderr notice;
    events { worker_connections 64; }
    http {
      access_log off;
      ${temporary.join("\n      ")}
      server {
        listen 127.0.0.1:${port};
        location = /health {
          default_type application/json;
          add_header X-Served-By nginx always;
          return 200 '{"status":"ok","database":{"connections":3}}';
        }
      }
    }
  `;
}

/** Debian keeps it where only root looks. */
function program(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat("/usr/sbin", "/usr/local/sbin");
  const found = folders.map((folder) => join(folder, "nginx")).find((path) => existsSync(path));
  if (found === undefined) throw new Error("nginx is not installed");
  return found;
}
