import { mkdir } from "node:fs/promises";
import path from "node:path";
import lockfile from "proper-lockfile";
import { HoloscopeError } from "../../contract/index.ts";
import { privateFolder } from "./atomic.ts";
import { storageError, systemCode } from "./storage-error.ts";

/** A lock that was not renewed for this long, ms, was left by a process that ended; it no longer counts. */
const staleMs = 10_000;
/** Waits up to some 30 s in all: longer than the lock of a dead process lasts. */
const retries = { retries: 80, factor: 1.15, minTimeout: 10, maxTimeout: 500, randomize: true };

/**
 * Does work while no other process, and nobody else in this one, holds the lock of a file; the lock is a folder beside
 * it, `x.json.lock`. `work` may ask whether the lock was lost meanwhile, as it is when the machine slept.
 * Throws STORAGE_FAILED if the lock cannot be had, and what `work` throws.
 * @param what the file's content, as in "to save ..."
 */
export async function withFileLock<T>(
  file: string,
  what: string,
  work: (isHeld: () => boolean) => Promise<T>,
): Promise<T> {
  let held = true;
  const release = await acquire(file, what, () => {
    held = false;
  });
  try {
    return await work(() => held);
  } finally {
    // A lock that was lost is not ours to release.
    await release().catch(() => {});
  }
}

async function acquire(file: string, what: string, onCompromised: () => void): Promise<() => Promise<void>> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: privateFolder });
    return await lockfile.lock(file, { realpath: false, stale: staleMs, retries, onCompromised });
  } catch (error) {
    if (systemCode(error) !== "ELOCKED") throw storageError(error, `save ${what}`);
    const lock = `${path.basename(file)}.lock`;
    throw new HoloscopeError(
      "STORAGE_FAILED",
      `Another Holoscope is changing ${what} and does not come to an end.`,
      `Close it and try again; if none is running, remove ${lock}, which lies beside the file.`,
    );
  }
}
