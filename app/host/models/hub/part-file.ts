import { open, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { HoloscopeError, pullRequestSchema } from "../../../contract/index.ts";
import { type AtomicWriter, removeLeftovers, writeFileAtomic } from "../../disk/atomic.ts";
import { storageError, systemCode } from "../../disk/storage-error.ts";
import { processIsAlive } from "../../disk/temporary.ts";

/**
 * A download in progress is kept beside its final name: `x.gguf.part` holds the bytes so far, `x.gguf.part.json`
 * describes the source, and `x.gguf.part.lock` names the downloading process.
 */
export const partEnding = ".part";
export const sidecarEnding = ".part.json";
const lockEnding = ".part.lock";

const sidecarSchema = z.object({
  version: z.literal(1),
  url: z.string(),
  bytes: z.int().positive(),
  sha256: z.string().optional(),
  /** From the first answer; reveals a changed file if the hub states no checksum. */
  etag: z.string().optional(),
  /** The user's request, so that the download can be resumed later. */
  request: pullRequestSchema,
});
export type Sidecar = z.infer<typeof sidecarSchema>;

/** Whether a file belongs to a download that has not ended. */
export function isPartName(file: string): boolean {
  return [partEnding, sidecarEnding, lockEnding].some((ending) => file.endsWith(ending));
}

/** Undefined if there is none or it cannot be read. */
export async function readSidecar(file: string): Promise<Sidecar | undefined> {
  try {
    return sidecarSchema.parse(JSON.parse(await readFile(`${file}${sidecarEnding}`, "utf8")));
  } catch {
    return undefined;
  }
}

export async function writeSidecar(
  file: string,
  sidecar: Sidecar,
  write: AtomicWriter = writeFileAtomic,
): Promise<void> {
  await write(`${file}${sidecarEnding}`, JSON.stringify(sidecar), "what is downloaded");
}

/** Removes what a process left that was killed while it wrote the sidecar; for the holder of the download's lock only. */
export async function removeSidecarLeftovers(file: string): Promise<void> {
  await removeLeftovers(path.dirname(file), 0, path.basename(`${file}${sidecarEnding}`));
}

/** Bytes that were fetched; 0 if nothing was. */
export async function partBytes(file: string): Promise<number> {
  return stat(`${file}${partEnding}`).then(
    ({ size }) => size,
    () => 0,
  );
}

export async function removePart(file: string): Promise<void> {
  for (const ending of [partEnding, sidecarEnding]) await rm(`${file}${ending}`, { force: true }).catch(() => {});
}

/**
 * Locks a download against other processes; resolves with the function that unlocks it. A lock of an ended process does
 * not count, nor one with our own id, since this process downloads one file at a time. Throws BAD_REQUEST.
 */
export async function lockPart(file: string): Promise<() => Promise<void>> {
  const lock = `${file}${lockEnding}`;
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = await open(lock, "wx");
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(lock, { force: true }).catch(() => {});
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw storageError(error, "begin the download");
      const owner = Number(await readFile(lock, "utf8").catch(() => ""));
      if (attempt > 0 || (owner > 0 && owner !== process.pid && processIsAlive(owner))) throw busy(lock, owner);
      await rm(lock, { force: true });
    }
  }
}

/** Whether a running process holds the lock. */
export async function isLocked(file: string): Promise<boolean> {
  const owner = Number(await readFile(`${file}${lockEnding}`, "utf8").catch(() => ""));
  return owner > 0 && processIsAlive(owner);
}

function busy(lock: string, owner: number): HoloscopeError {
  return new HoloscopeError(
    "BAD_REQUEST",
    "Another Holoscope is downloading this file.",
    `Wait for it, or end process ${owner}. If that is no Holoscope, remove ${lock}.`,
  );
}
