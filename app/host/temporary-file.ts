import { randomBytes } from "node:crypto";
import { link, lstat, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError } from "../contract/errors.ts";
import { processIsAlive } from "./process-alive.ts";
import { systemCode } from "./storage-error.ts";

/**
 * Files that are written for minutes beside their final name. The name tells who writes, so that what a killed process
 * left behind is recognised; it never ends in .gguf, so that nobody takes it for a model.
 */
const pattern = /\.holoscope-(\d+)-[0-9a-f]{12}\.partial$/;
/** A process id can be given again: what has not been written to for so long belongs to nobody, ms. */
const abandonedMs = 24 * 60 * 60 * 1000;

export function temporaryBeside(file: string): string {
  return `${file}.holoscope-${process.pid}-${randomBytes(6).toString("hex")}.partial`;
}

/**
 * Removes temporary files of ended processes from a folder.
 * @param of only those of this file
 */
export async function removeStaleTemporaries(folder: string, of?: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const removed: string[] = [];
  for (const name of names) {
    const match = pattern.exec(name);
    if (match === null || (of !== undefined && name.slice(0, match.index) !== path.basename(of))) continue;
    const file = path.join(folder, name);
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (processIsAlive(Number(match[1])) && age < abandonedMs) continue;
    await rm(file, { force: true }).catch(() => {});
    removed.push(name);
  }
  return removed;
}

/** Throws FILE_EXISTS. */
export async function checkAbsent(file: string): Promise<void> {
  const found = await lstat(file).then(
    () => true,
    (error: unknown) => systemCode(error) !== "ENOENT" && systemCode(error) !== "ENOTDIR",
  );
  if (found) throw existsError(file);
}

/** Gives a finished temporary file its name, never over another file. Throws FILE_EXISTS. */
export async function giveName(temporary: string, file: string): Promise<void> {
  try {
    // A second name, then without the first: unlike renaming, this fails if the name is taken in the meantime.
    await link(temporary, file);
    await rm(temporary);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw existsError(file);
    // File systems without hard links (exFAT, some network shares).
    await checkAbsent(file);
    await rename(temporary, file);
  }
}

function existsError(file: string): HoloscopeError {
  return new HoloscopeError(
    "FILE_EXISTS",
    `"${path.basename(file)}" exists already and is not replaced.`,
    "Name another file, or remove that one first.",
  );
}
