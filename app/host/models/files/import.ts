import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ModelEntry } from "../../../contract/index.ts";
import { pairFiles } from "../../../gguf/split-name.ts";
import { cancelledError } from "../../abortable.ts";
import { checkFreeSpace } from "../../disk/free-space.ts";
import { storageError } from "../../disk/storage-error.ts";
import { checkAbsent, giveName, temporaryBeside } from "../../disk/temporary.ts";
import type { ModelRegistry } from "../registry.ts";
import type { JobReporter } from "./jobs.ts";
import { type ModelFolder, sizeOf } from "./model-folder.ts";

export interface ImportRequest {
  readonly modelPath: string;
  readonly mmprojPath?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * Copies a pair into the models folder and adds the copy; the originals stay. A copy that fails leaves nothing.
 * Throws what {@link ModelRegistry.add} throws, FILE_EXISTS, DISK_FULL, STORAGE_FAILED, CANCELLED.
 */
export async function importModel(
  request: ImportRequest,
  { folder, models, reporter }: { folder: ModelFolder; models: ModelRegistry; reporter: JobReporter },
): Promise<ModelEntry> {
  const pair = await models.findPair(request.modelPath, request.mmprojPath);
  const stem = path.basename(pair.modelPath).replace(/\.gguf$/i, "");
  const home = path.join(folder.path, `imported--${stem}`);
  const files = pairFiles(pair);
  const sizes = await Promise.all(files.map(sizeOf));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  await checkFreeSpace(home, total, `copy ${path.basename(pair.modelPath)}`);
  await mkdir(home, { recursive: true });
  const target = (file: string): string => path.join(home, path.basename(file));
  for (const file of files) await checkAbsent(target(file));
  const copied: string[] = [];
  let before = 0;
  try {
    for (const [index, file] of files.entries()) {
      const base = before;
      reporter.step({ state: "running", file: path.basename(file), bytesTotal: total, bytesDone: base });
      await copyFile(file, target(file), reporter.signal, (bytes) => reporter.progress(base + bytes));
      copied.push(target(file));
      before += sizes[index] ?? 0;
    }
    return await models.add({
      modelPath: target(pair.modelPath),
      mmprojPath: target(pair.mmprojPath),
      name: request.name,
    });
  } catch (error) {
    for (const file of copied) await rm(file, { force: true }).catch(() => {});
    throw error;
  }
}

async function copyFile(
  from: string,
  to: string,
  signal: AbortSignal,
  onProgress: (bytesDone: number) => void,
): Promise<void> {
  const temporary = temporaryBeside(to);
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      bytes += chunk.length;
      onProgress(bytes);
      callback(undefined, chunk);
    },
  });
  try {
    const source = createReadStream(from, { highWaterMark: 1 << 20 });
    await pipeline(source, counter, createWriteStream(temporary, { flags: "wx" }), { signal });
    const written = await open(temporary, "r+");
    await written.sync().finally(() => written.close());
    await giveName(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw signal.aborted ? cancelledError() : storageError(error, `copy "${path.basename(from)}"`);
  }
}
