import { mkdir, statfs } from "node:fs/promises";
import { HoloscopeError } from "../../contract/index.ts";
import { formatBytes } from "../../presentation/numbers.ts";

/** Bytes that must stay free for other programs. */
const reserveBytes = 16 * 1024 * 1024;

/** Bytes that this user may still write to the disk that holds an existing folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws DISK_FULL if a file of `bytes` will not fit. Creates the folder if it is missing. */
export async function checkFreeSpace(folder: string, bytes: number, task: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const free = await freeBytes(folder);
  if (free >= bytes + reserveBytes) return;
  throw new HoloscopeError(
    "DISK_FULL",
    `There is not enough room to ${task}: it takes ${formatBytes(bytes)}, ${formatBytes(free)} are free.`,
    "Free some space, or choose a folder on another disk (HOLOSCOPE_DATA for the models that Holoscope keeps).",
  );
}
