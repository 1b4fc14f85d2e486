// A temporary folder of one service.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Others may pass through it: started by root, Postgres and nginx run as users of their own. */
export function makeFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `pulse-e2e-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
