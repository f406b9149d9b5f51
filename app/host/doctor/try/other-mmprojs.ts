import { realpath } from "node:fs/promises";
import path from "node:path";
import type { ModelEntry } from "../../../contract/index.ts";
import type { ReadyEngine } from "../../engine/supervisor.ts";
import { mmprojsNear } from "../../models/find-mmproj.ts";
import type { DoctorParts } from "../parts.ts";
import type { OtherMmproj } from "./variants.ts";

/**
 * Other mmproj files for a model: those near it and near its own mmproj, and those of known pairs with the same
 * language model, if their headers say that they hold the same encoder in other tensor types.
 */
export async function otherMmprojs(
  { models, timings }: Pick<DoctorParts, "models" | "timings">,
  engine: ReadyEngine,
  model: ModelEntry,
): Promise<OtherMmproj[]> {
  const { inspection } = await models.info(model.id);
  const known = (await models.list()).filter(({ modelPath }) => modelPath === model.modelPath);
  const candidates = [
    ...known.map(({ mmprojPath }) => mmprojPath),
    ...(await mmprojsNear(model.modelPath)),
    ...(await mmprojsNear(model.mmprojPath)),
  ];
  const own = await realFile(model.mmprojPath);
  const files = new Map<string, string>();
  for (const file of candidates) {
    const real = await realFile(file);
    if (real !== own) files.set(real, path.resolve(file));
  }
  const found: OtherMmproj[] = [];
  for (const mmprojPath of files.values()) {
    const body = { type: "inspect", pair: { modelPath: model.modelPath, mmprojPath } } as const;
    const reply = await engine.process
      .request(body, "inspected", { silenceMs: timings.inspect })
      .catch(() => undefined);
    const other = reply?.value.mmproj;
    if (other === undefined) continue;
    const same =
      other.projector === inspection.mmproj.projector &&
      other.projectionDim === inspection.mmproj.projectionDim &&
      other.parameters === inspection.mmproj.parameters;
    if (same) found.push({ path: mmprojPath, types: Object.keys(other.tensorTypes).join(", ") });
  }
  return found;
}

async function realFile(file: string): Promise<string> {
  return realpath(file).catch(() => path.resolve(file));
}
