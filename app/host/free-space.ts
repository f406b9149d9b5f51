import { mkdir, statfs } from "node:fs/promises";
import { HoloscopeError } from "../contract/errors.ts";

/** Kept free for everything else that writes to the disk, bytes. */
const reserveBytes = 16 * 1024 * 1024;

/** Bytes that this user may still write on the disk of a folder that exists. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws DISK_FULL when a file of `bytes` will not fit. Makes the folder if need be. */
export async function checkFreeSpace(folder: string, bytes: number, task: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const free = await freeBytes(folder);
  if (free >= bytes + reserveBytes) return;
  const gigabytes = (value: number): string => `${(value / 1e9).toFixed(value < 1e8 ? 3 : 1)} GB`;
  throw new HoloscopeError(
    "DISK_FULL",
    `There is not enough room to ${task}: it takes ${gigabytes(bytes)}, ${gigabytes(free)} are free.`,
    "Free some space, or choose a folder on another disk (HOLOSCOPE_DATA for the models that Holoscope keeps).",
  );
}
