import { readdir } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError } from "../contract/errors.ts";
import type { PairInspection } from "../contract/model.ts";

/** Reads both headers; rejects when the two do not fit each other or one is no usable file. */
export type InspectPair = (modelPath: string, mmprojPath: string) => Promise<PairInspection>;

export interface FoundPair {
  readonly mmprojPath: string;
  readonly inspection: PairInspection;
}

/**
 * Finds the vision part that belongs to a language model: a GGUF file beside it with "mmproj" in its name. Of several,
 * one whose output width the model takes in; of those, the one whose name is most like the model's.
 * Throws MMPROJ_MISSING, MMPROJ_MISMATCH and what `inspect` throws when there is only one candidate.
 */
export async function findMmproj(modelPath: string, inspect: InspectPair): Promise<FoundPair> {
  const candidates = await mmprojsBeside(modelPath);
  const [only, ...others] = candidates;
  if (only === undefined) throw missing(modelPath);
  if (others.length === 0) return { mmprojPath: only, inspection: await inspect(modelPath, only) };

  let failure: unknown;
  for (const mmprojPath of candidates) {
    try {
      const inspection = await inspect(modelPath, mmprojPath);
      if (fits(inspection)) return { mmprojPath, inspection };
    } catch (error) {
      if (!(error instanceof HoloscopeError) || concernsModel(error)) throw error;
      failure = error;
    }
  }
  throw new HoloscopeError(
    "MMPROJ_MISMATCH",
    `None of the ${candidates.length} mmproj files beside the model fits it.`,
    "Download the mmproj file from the same place as the model, or name the right one.",
    [...candidates.map((file) => path.basename(file)), String(failure ?? "")].join("\n"),
  );
}

function fits({ model, mmproj }: PairInspection): boolean {
  const { embeddingLength } = model;
  const { projectionDim } = mmproj;
  return embeddingLength === undefined || projectionDim === undefined || embeddingLength === projectionDim;
}

/** Errors that another mmproj would not mend: the engine itself failed. */
function concernsModel({ code }: HoloscopeError): boolean {
  return ["ENGINE_CRASHED", "ENGINE_TIMEOUT", "NATIVE_MISSING", "CANCELLED"].includes(code);
}

/** GGUF files with "mmproj" in their names beside a file, those with the likest names first. */
export async function mmprojsBeside(modelPath: string): Promise<string[]> {
  const folder = path.dirname(modelPath);
  const own = path.basename(modelPath);
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name !== own && /mmproj/i.test(name) && /\.gguf$/i.test(name))
    .sort((a, b) => likeness(b, own) - likeness(a, own) || a.localeCompare(b))
    .map((name) => path.join(folder, name));
}

/** Number of the model's name parts (split at "-", "_", ".") that the other name has too. */
function likeness(name: string, model: string): number {
  const parts = new Set(name.toLowerCase().split(/[-_.]/));
  return model
    .toLowerCase()
    .split(/[-_.]/)
    .filter((part) => parts.has(part)).length;
}

function missing(modelPath: string): HoloscopeError {
  return new HoloscopeError(
    "MMPROJ_MISSING",
    `There is no mmproj file beside "${path.basename(modelPath)}".`,
    'A vision model comes as two files. Put the one with "mmproj" in its name into the same folder, or name it.',
  );
}
