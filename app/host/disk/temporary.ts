import { randomBytes } from "node:crypto";
import { link, lstat, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError } from "../../contract/index.ts";
import { systemCode } from "./storage-error.ts";

/**
 * Large files are written under a temporary name beside their final one. The name holds the id of the writing process,
 * so that files left by a killed process are recognised, and does not end in .gguf, so that nothing takes them for
 * models.
 */
const pattern = /\.holoscope-(\d+)-[0-9a-f]{12}\.partial$/;
/** ms after which an unchanged file counts as abandoned even if its process id is in use: ids are reused. */
const abandonedMs = 24 * 60 * 60 * 1000;

/** Whether a name is that of a file which is still being written. */
export function isTemporaryName(name: string): boolean {
  return pattern.test(name) || name.endsWith(".tmp");
}

export function temporaryBeside(file: string): string {
  return `${file}.holoscope-${process.pid}-${randomBytes(6).toString("hex")}.partial`;
}

/**
 * Removes temporary files of ended processes from a folder.
 * @param of the final file whose temporaries to remove; all if left out
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
    // Links the new name, then removes the old one: unlike renaming, this fails if the new name was taken meanwhile.
    await link(temporary, file);
    await rm(temporary);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw existsError(file);
    // The file system has no hard links (exFAT, some network shares).
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

/** Whether a process with this id runs on this machine, under any user. */
export function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}
