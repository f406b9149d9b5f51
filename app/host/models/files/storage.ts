import { mkdir } from "node:fs/promises";
import type { ModelEntry, ModelStorage } from "../../../contract/index.ts";
import { pairFiles } from "../../../gguf/split-name.ts";
import { freeBytes } from "../../disk/free-space.ts";
import { storageError } from "../../disk/storage-error.ts";
import { estimateFit, type MachineMemory, readContextShape } from "./fit.ts";
import { type ModelFolder, sizeOf } from "./model-folder.ts";

/**
 * What the models take of the disk and need of memory. Throws STORAGE_FAILED or DISK_FULL.
 * @param jobsRun whether a job on model files is running, which may be about to use what no model uses yet
 */
export async function describeStorage(
  folder: ModelFolder,
  models: readonly ModelEntry[],
  memory: MachineMemory,
  jobsRun: boolean,
): Promise<ModelStorage> {
  await mkdir(folder.path, { recursive: true }).catch((error: unknown) => {
    throw storageError(error, "make the folder of the models");
  });
  return {
    folder: folder.path,
    usedBytes: await folder.usedBytes(),
    freeBytes: await freeBytes(folder.path),
    models: await Promise.all(models.map((entry) => describe(entry, folder, memory))),
    unfinished: await folder.unfinished(),
    unused: jobsRun ? [] : await folder.unused(models),
  };
}

async function describe(
  { id, modelPath, mmprojPath }: ModelEntry,
  folder: ModelFolder,
  memory: MachineMemory,
): Promise<ModelStorage["models"][number]> {
  const files = pairFiles({ modelPath, mmprojPath });
  const sizes = await Promise.all(files.map(sizeOf));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const missing = sizes.some((size) => size === 0);
  const held = await Promise.all(files.map((file) => folder.holds(file)));
  const managed = !missing && held.every(Boolean);
  if (missing) return { id, bytes, managed, missing };
  return { id, bytes, managed, missing, fit: estimateFit(bytes, await readContextShape(modelPath), memory) };
}
