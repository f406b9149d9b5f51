import { HoloscopeError } from "../../contract/index.ts";

/** The system's code of a failed file operation ("ENOENT", "ENOSPC", ...), if the error has one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** No space left, quota used up, file-size limit reached. */
const fullCodes = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/**
 * Turns a failed file operation in the data folder into DISK_FULL or STORAGE_FAILED.
 * @param task what was tried, as in "to ...": "save the image", "delete the run"
 */
export function storageError(error: unknown, task: string): HoloscopeError {
  if (error instanceof HoloscopeError) return error;
  const code = systemCode(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (code !== undefined && fullCodes.has(code)) {
    return new HoloscopeError(
      "DISK_FULL",
      `There is no room left on the disk to ${task}.`,
      "Free some space, or point HOLOSCOPE_DATA at a folder on another disk.",
      detail,
    );
  }
  const readOnly = code === "EROFS" || code === "EACCES" || code === "EPERM";
  return new HoloscopeError(
    "STORAGE_FAILED",
    readOnly
      ? `The data folder does not allow Holoscope to ${task}.`
      : `Holoscope could not ${task} (${code ?? "unknown reason"}).`,
    "Check the folder's permissions, or point HOLOSCOPE_DATA at another folder.",
    detail,
  );
}
