import { lstat, readdir } from "node:fs/promises";
import { storageError, systemCode } from "./storage-error.ts";

/**
 * The names in a folder; none if there is no such folder. A folder that is there and cannot be read is an error, also one
 * behind a link to a disk that is not mounted: whoever removes what is missing must not take it for an empty one.
 * Throws STORAGE_FAILED.
 */
export async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const isAbsent = systemCode(error) === "ENOENT" && (await lstat(folder).catch(() => undefined)) === undefined;
    if (isAbsent) return [];
    throw storageError(error, "read its data folder");
  }
}
