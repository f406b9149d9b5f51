import path from "node:path";
import { defined } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { ModelChoice } from "./detect-options.ts";

/** The id of the chosen model, which is added first if it was named by its files; undefined = the settings' model. */
export async function chooseModel(host: Host, model: ModelChoice | undefined): Promise<string | undefined> {
  if (model === undefined || model.kind === "id") return model?.id;
  return (await host.call("models.add", pairOf(model.modelPath, model.mmprojPath))).id;
}

/** A pair of files for the host, as absolute paths. */
export function pairOf(model: string, mmproj: string | undefined) {
  return { modelPath: path.resolve(model), ...defined({ mmprojPath: mmproj && path.resolve(mmproj) }) };
}
