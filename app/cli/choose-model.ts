import path from "node:path";
import type { Host } from "../host/types.ts";
import type { ModelChoice } from "./detect-options.ts";

/** The id of a chosen model, made known first if it was named by its files; undefined = the settings' model. */
export async function chooseModel(host: Host, model: ModelChoice | undefined): Promise<string | undefined> {
  if (model === undefined || model.kind === "id") return model?.id;
  const entry = await host.call("models.add", {
    modelPath: path.resolve(model.modelPath),
    ...(model.mmprojPath === undefined ? {} : { mmprojPath: path.resolve(model.mmprojPath) }),
  });
  return entry.id;
}
