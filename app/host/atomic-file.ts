import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { storageError, systemCode } from "./storage-error.ts";

const temporaryEnding = ".tmp";
/** A temporary file older than this was left by a process that died; a younger one may still be written. */
const leftoverAgeMs = 60 * 60 * 1000;

/**
 * Writes a file so that a reader, or a crash at any moment, finds either the old file or the whole new one: a
 * temporary file in the same folder, fsync, rename. Throws DISK_FULL or STORAGE_FAILED naming `what`.
 */
export async function writeFileAtomic(file: string, data: string | Uint8Array, what: string): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `${path.basename(file)}.${randomBytes(6).toString("hex")}${temporaryEnding}`);
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameOver(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw storageError(error, `save ${what}`);
  }
  await syncFolder(folder);
}

export type AtomicWriter = typeof writeFileAtomic;

/** Windows refuses to replace a file that a virus scanner or an indexer has open for a moment. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const busy = process.platform === "win32" && ["EPERM", "EACCES", "EBUSY"].includes(systemCode(error) ?? "");
      if (!busy || attempt >= 8) throw error;
      await sleep(10 * 2 ** attempt);
    }
  }
}

/** Makes the rename itself survive a power cut. Not every file system can; the file is whole in any case. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The data is written; only the moment at which the new name is durable is unknown.
  }
}

/** Removes temporary files that a process left behind when it died while writing. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((entry) => entry.endsWith(temporaryEnding))) {
    const file = path.join(folder, name);
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > leftoverAgeMs) await rm(file, { force: true }).catch(() => {});
  }
}
