// The system's Chromium, kept from talking to anybody but the program under test.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable"];

export const browser = {
  executablePath: find(),
  args: [
    // As root, which a build machine often is, Chromium's own sandbox refuses to start.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** @returns {string} */
function find() {
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat("/usr/bin");
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`none of ${NAMES.join(", ")} is installed`);
  return found;
}
