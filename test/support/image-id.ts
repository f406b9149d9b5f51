import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

/** The id that the host would give an image file; that of no bytes for a file that is not there. */
export function imageIdOf(file: string): string {
  return createHash("sha256")
    .update(existsSync(file) ? readFileSync(file) : "")
    .digest("hex");
}
