import { randomUUID } from "node:crypto";
import { type BackendChoice, type LoadedModel, resolveSettings } from "../../contract/index.ts";
import { abortable } from "../abortable.ts";
import { enqueue } from "../pool/task.ts";
import type { SharedParts } from "./shared-parts.ts";
import { freeModel, loadPair } from "./work.ts";

type LoadingParts = Pick<SharedParts, "supervisor" | "timings" | "settings" | "models" | "pool">;

/**
 * Loads a model in its turn of the queue; one that is loaded already is freed and read again from its files.
 * Without id or backend those of the settings. Rejects with MODEL_NOT_FOUND and what the engine says.
 */
export async function loadModel(
  { settings, models, pool, supervisor, timings }: LoadingParts,
  request: { readonly id?: string | undefined; readonly backend?: BackendChoice | undefined },
): Promise<LoadedModel> {
  const { profile, overrides, backend, modelId } = settings.current;
  const model = await models.get(request.id ?? modelId);
  return enqueue(pool, randomUUID(), async (signal) => {
    const engine = await abortable(signal, supervisor.ready(request.backend ?? backend));
    const work = { supervisor, timings, signal };
    if (supervisor.loadedModelId === model.id) await freeModel(engine, work);
    const wanted = resolveSettings(profile, overrides);
    await supervisor.crashedPairs.forgive({ model, settings: wanted, process: engine.process });
    return loadPair(engine, model, wanted, work);
  });
}

/** Frees the model in its turn of the queue. False if no engine runs. */
export async function unloadModel({ pool, supervisor, timings }: LoadingParts): Promise<boolean> {
  return enqueue(pool, randomUUID(), async (signal) => {
    const engine = supervisor.current;
    if (engine === undefined) return false;
    await freeModel(engine, { supervisor, timings, signal });
    return true;
  });
}
