// Measured times: printed as plain lines and kept as JSON beside the other artifacts.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifacts } from "./artifacts.ts";

/** All rounds of one thing that was measured, in milliseconds. */
export class Figure {
  readonly #name: string;
  readonly #ms: number[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  add(ms: number): void {
    this.#ms.push(Math.round(ms));
  }

  summary(): { name: string; median_ms: number; max_ms: number; rounds_ms: number[] } {
    const sorted = [...this.#ms].sort((one, other) => one - other);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    return { name: this.#name, median_ms: median, max_ms: Math.max(...sorted), rounds_ms: this.#ms };
  }
}

export function report(file: string, figures: Figure[]): void {
  const summaries = figures.map((figure) => figure.summary());
  for (const { name, median_ms, max_ms, rounds_ms } of summaries) {
    console.log(`  figure: ${name}: median ${median_ms} ms, max ${max_ms} ms (${rounds_ms.join(", ")})`);
  }
  mkdirSync(artifacts, { recursive: true });
  writeFileSync(join(artifacts, file), `${JSON.stringify(summaries, null, 2)}\n`);
}
