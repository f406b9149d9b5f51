import { readdir } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError, type PairInspection } from "../../contract/index.ts";
import { type DeviceTypes, isMmprojName, orderMmprojs } from "./mmproj-choice.ts";
import { quantisationOf } from "./quantisation.ts";

/** Reads both headers; rejects if they do not belong together or one is unusable. */
export type InspectPair = (modelPath: string, mmprojPath: string) => Promise<PairInspection>;

interface FoundPair {
  readonly mmprojPath: string;
  readonly inspection: PairInspection;
}

/** Files that are looked into at most: a folder of hundreds is no model's. */
const maxCandidates = 24;

/**
 * Finds the vision part that belongs to a language model: a GGUF file with "mmproj" in its name beside it or one folder
 * up, where hubs put it for models in a folder for each quantisation. Of several that pass `inspect` the first in the
 * order of {@link orderMmprojs}.
 * Throws MMPROJ_MISSING, MMPROJ_MISMATCH and what `inspect` throws when there is only one candidate.
 */
export async function findMmproj(
  modelPath: string,
  inspect: InspectPair,
  deviceTypes: () => Promise<DeviceTypes>,
): Promise<FoundPair> {
  const candidates = (await mmprojsNear(modelPath)).slice(0, maxCandidates);
  const [only, ...others] = candidates;
  if (only === undefined) throw missing(modelPath);
  if (others.length === 0) return { mmprojPath: only, inspection: await inspect(modelPath, only) };

  let failure: unknown;
  const fitting: (FoundPair & { readonly path: string; readonly quantisation: string | undefined })[] = [];
  for (const mmprojPath of candidates) {
    try {
      const inspection = await inspect(modelPath, mmprojPath);
      const quantisation = quantisationOf(path.basename(mmprojPath)) ?? inspection.mmproj.quantisation;
      fitting.push({ mmprojPath, inspection, path: mmprojPath, quantisation });
    } catch (error) {
      if (!(error instanceof HoloscopeError) || concernsEngine(error)) throw error;
      failure = error;
    }
  }
  const [best] = await orderMmprojs(fitting, modelPath, deviceTypes);
  if (best !== undefined) return best;
  throw new HoloscopeError(
    "MMPROJ_MISMATCH",
    `None of the ${candidates.length} mmproj files beside the model fits it.`,
    "Download the mmproj file from the same place as the model, or name the right one.",
    [...candidates.map((file) => path.basename(file)), String(failure ?? "")].join("\n"),
  );
}

/** Whether trying another mmproj would be pointless, because the engine itself failed. */
function concernsEngine({ code }: HoloscopeError): boolean {
  return ["ENGINE_CRASHED", "ENGINE_TIMEOUT", "NATIVE_MISSING", "CANCELLED"].includes(code);
}

/** GGUF files with "mmproj" in their names beside a file, then those one folder up, in no other order. */
export async function mmprojsNear(modelPath: string): Promise<string[]> {
  const folder = path.dirname(modelPath);
  const near = await Promise.all([...new Set([folder, path.dirname(folder)])].map(mmprojsIn));
  return near.flat().filter((file) => file !== modelPath);
}

async function mmprojsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => isMmprojName(name) && /\.gguf$/i.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}

function missing(modelPath: string): HoloscopeError {
  return new HoloscopeError(
    "MMPROJ_MISSING",
    `There is no mmproj file beside "${path.basename(modelPath)}" or one folder up.`,
    'A vision model comes as two files. Put the one with "mmproj" in its name into the same folder, or name it.',
  );
}
