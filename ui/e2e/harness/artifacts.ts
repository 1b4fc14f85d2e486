// Where a run leaves what it made: logs, figures, and traces of what failed. Ignored by git.
import { resolve } from "node:path";

export const artifacts = resolve(process.env["PULSE_E2E_ARTIFACTS"] ?? resolve(import.meta.dirname, "../results"));
