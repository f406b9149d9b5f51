import { randomUUID } from "node:crypto";
import type { BackendChoice, LoadedModel } from "../contract/model.ts";
import { resolveSettings } from "../contract/profile.ts";
import { abortable } from "./abortable.ts";
import { doEngineWork } from "./engine-work.ts";
import type { HostParts } from "./parts.ts";
import { enqueue } from "./queue.ts";

/**
 * Loads a model in its turn of the queue; one that is loaded already is freed and read again from its files.
 * Without id or backend those of the settings. Rejects with MODEL_NOT_FOUND and what the engine says.
 */
export async function loadModel(
  { settings, models, queue, supervisor, timings }: HostParts,
  request: { readonly id?: string | undefined; readonly backend?: BackendChoice | undefined },
): Promise<LoadedModel> {
  const { profile, overrides, backend, modelId } = settings.current;
  const { id: model, modelPath, mmprojPath } = await models.get(request.id ?? modelId);
  const id = randomUUID();
  return enqueue(queue, id, async (signal) => {
    const engine = await abortable(signal, supervisor.ready(request.backend ?? backend));
    const work = { supervisor, timings, signal };
    if (supervisor.loadedModelId === model)
      await doEngineWork(engine, { type: "unload" }, "done", { ...work, id: randomUUID() });
    supervisor.setLoading();
    const body = {
      type: "load",
      pair: { modelPath, mmprojPath },
      settings: resolveSettings(profile, overrides),
    } as const;
    const { value } = await doEngineWork(engine, body, "loaded", { ...work, id });
    supervisor.setLoaded({ modelId: model, model: value });
    return value;
  });
}

/** Frees the model in its turn of the queue. False if no engine runs. */
export async function unloadModel({ queue, supervisor, timings }: HostParts): Promise<boolean> {
  const id = randomUUID();
  return enqueue(queue, id, async (signal) => {
    const engine = supervisor.current;
    if (engine === undefined) return false;
    await doEngineWork(engine, { type: "unload" }, "done", { supervisor, timings, id, signal });
    supervisor.setLoaded(undefined);
    return true;
  });
}
