import path from "node:path";
import type { TypeSupport } from "../../contract/index.ts";
import { withoutQuantisation } from "./quantisation.ts";

/** An mmproj that may be taken: of the disk or of a hub's repository. */
interface Candidate {
  readonly path: string;
  /** In capitals, as its name or its header says. */
  readonly quantisation?: string | undefined;
}

/** What a device does with weights of a type in ggml's name ("bf16"); undefined if that is not known. */
export type DeviceTypes = (type: string) => TypeSupport | undefined;

/** Whether a file is an mmproj by its name, as all hubs name them. */
export function isMmprojName(file: string): boolean {
  return /mm-?proj/i.test(path.basename(file));
}

/** f16 runs well everywhere; q8_0 is half as large and nearly as good; bf16 is slow or converted on many devices. */
const usualOrder = ["f16", "q8_0", "bf16", "f32"];

/**
 * Orders mmproj files by which to take for a model, the best first: those in the model's own folder, then those one
 * folder up, then any; of each those whose names have most in common with the model's; of these by their type: f16,
 * q8_0, bf16, f32, others. The device is asked where that matters: a type that it cannot compute comes last, and bf16
 * comes before q8_0 on a GPU that computes it as it is.
 * @param modelPath undefined as long as no model is chosen: only the type counts
 */
export async function orderMmprojs<T extends Candidate>(
  files: readonly T[],
  modelPath: string | undefined,
  deviceTypes: () => Promise<DeviceTypes>,
): Promise<T[]> {
  const types = new Set(files.map(typeOf));
  const device = types.size > 1 && !types.has("f16") ? await deviceTypes() : () => undefined;
  const ranked = files.map((file) => ({
    file,
    ranks: [
      ...(modelPath === undefined ? [] : [distance(file.path, modelPath), -likeness(file.path, modelPath)]),
      typeRank(typeOf(file), device),
    ],
  }));
  return ranked
    .sort((a, b) => firstDifference(a.ranks, b.ranks) || a.file.path.localeCompare(b.file.path))
    .map(({ file }) => file);
}

function typeOf({ quantisation }: Candidate): string | undefined {
  return quantisation?.toLowerCase().replace(/^fp/, "f");
}

function typeRank(type: string | undefined, device: DeviceTypes): number {
  const usual = usualOrder.indexOf(type ?? "");
  const rank = usual < 0 ? usualOrder.length : usual;
  const support = type === undefined ? undefined : device(type);
  if (support === "unsupported") return rank + usualOrder.length + 1;
  return type === "bf16" && support === "native" ? usualOrder.indexOf("q8_0") - 0.5 : rank;
}

/** 0 in the model's folder, 1 one folder up, 2 elsewhere. */
function distance(file: string, modelPath: string): number {
  const [folder, own] = [path.dirname(file), path.dirname(modelPath)];
  if (folder === own) return 0;
  return folder === path.dirname(own) ? 1 : 2;
}

/** Number of the model's name parts that the other name has too, apart from quantisations. */
function likeness(file: string, modelPath: string): number {
  const partsOf = (name: string): string[] =>
    withoutQuantisation(path.basename(name))
      .toLowerCase()
      .split(/[-_. ]+/)
      .filter((part) => part !== "" && part !== "gguf" && part !== "mmproj");
  const parts = new Set(partsOf(file));
  return partsOf(modelPath).filter((part) => parts.has(part)).length;
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  for (const [index, rank] of a.entries()) {
    const difference = rank - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
