import { mkdir } from "node:fs/promises";
import type { ModelEntry } from "../../contract/model.ts";
import type { ModelStorage } from "../../contract/model-files.ts";
import { freeBytes } from "../free-space.ts";
import { storageError } from "../storage-error.ts";
import { readContextShape } from "./context-shape.ts";
import { estimateFit, type MachineMemory } from "./fit.ts";
import { type ModelFolder, sizeOf } from "./model-folder.ts";
import { splitFiles } from "./split-files.ts";

/** What the models take of the disk and need of memory. Throws STORAGE_FAILED or DISK_FULL. */
export async function describeStorage(
  folder: ModelFolder,
  models: readonly ModelEntry[],
  memory: MachineMemory,
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
  };
}

async function describe(
  { id, modelPath, mmprojPath }: ModelEntry,
  folder: ModelFolder,
  memory: MachineMemory,
): Promise<ModelStorage["models"][number]> {
  const files = [...(await splitFiles(modelPath)), ...(await splitFiles(mmprojPath))];
  const sizes = await Promise.all(files.map(sizeOf));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const missing = sizes.some((size) => size === 0);
  const held = await Promise.all(files.map((file) => folder.holds(file)));
  const managed = !missing && held.every(Boolean);
  if (missing) return { id, bytes, managed, missing };
  return { id, bytes, managed, missing, fit: estimateFit(bytes, await readContextShape(modelPath), memory) };
}
