import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { storageError, systemCode } from "./storage-error.ts";

const temporaryEnding = ".tmp";
/** A temporary file older than this was left by a process that died; a younger one may still be written. */
const leftoverAgeMs = 60 * 60 * 1000;

/** Modes of what Holoscope keeps: screenshots and runs show what is on a user's screen. Windows' own rights do that. */
export const privateFolder = 0o700;
export const privateFile = 0o600;

/** A file's content, whole or in pieces as they are made. */
type FileData = string | Uint8Array | AsyncIterable<string>;

/**
 * Writes a file that only this user may read, so that a reader, or a crash at any moment, finds either the old file or
 * the whole new one: a temporary file in the same folder, fsync, rename. Throws DISK_FULL or STORAGE_FAILED naming
 * `what`.
 */
export function writeFileAtomic(file: string, data: string | Uint8Array, what: string): Promise<void> {
  return write(file, data, what, { folder: privateFolder, file: privateFile });
}

/** The same for a file that the user asked for, with the rights that the user's own new files have. */
export function writeOutputFile(file: string, data: FileData, what: string): Promise<void> {
  return write(file, data, what, { folder: 0o777, file: 0o666 });
}

async function write(
  file: string,
  data: FileData,
  what: string,
  mode: { readonly folder: number; readonly file: number },
): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `${path.basename(file)}.${randomBytes(6).toString("hex")}${temporaryEnding}`);
  try {
    await mkdir(folder, { recursive: true, mode: mode.folder });
    const handle = await open(temporary, "wx", mode.file);
    try {
      await writeFile(handle, data);
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

/** Windows refuses to replace a file while a virus scanner or indexer has it open, so this tries again for a moment. */
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

/** Makes the rename survive a power cut. Not every file system can do that, but the file is complete either way. */
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
    // The data is written; only when the new name becomes durable is unknown.
  }
}

/**
 * Removes temporary files that a process left behind when it died while writing.
 * @param ageMs since it was last written to; younger ones may still be
 * @param of name of the final file whose temporaries to remove; all if left out
 */
export async function removeLeftovers(folder: string, ageMs = leftoverAgeMs, of?: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const begin = of === undefined ? "" : `${of}.`;
  for (const name of names.filter((entry) => entry.startsWith(begin) && entry.endsWith(temporaryEnding))) {
    const file = path.join(folder, name);
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age >= ageMs) await rm(file, { force: true }).catch(() => {});
  }
}
