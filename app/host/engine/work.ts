import { randomUUID } from "node:crypto";
import type { DetectSettings, EngineReply, EngineRequest, EngineResult, LoadedModel } from "../../contract/index.ts";
import { cancelledError } from "../abortable.ts";
import { enginePair, type KnownModel } from "../models/engine-pair.ts";
import type { EngineEvent, EngineRequestBody } from "./process.ts";
import type { EngineSupervisor, RunningEngine } from "./supervisor.ts";
import type { HostTimings } from "./timings.ts";

/** What heavy requests to an engine need of the host. */
export interface EngineParts {
  readonly supervisor: EngineSupervisor;
  readonly timings: Pick<HostTimings, "runSilence" | "cancelGrace">;
}

interface EngineWork extends EngineParts {
  /** Of the request; a new one if left out. */
  readonly id?: string;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: EngineEvent) => void;
}

/**
 * Sends one heavy request (load, detect) to a ready engine, keeps the supervisor's state up to date meanwhile, and
 * passes a cancellation on. An engine that does not end a cancelled request in time is killed.
 * Rejects with what the engine answered, CANCELLED, ENGINE_CRASHED or ENGINE_TIMEOUT.
 */
async function doEngineWork<K extends EngineReply["kind"]>(
  engine: RunningEngine,
  body: EngineRequestBody,
  kind: K,
  { supervisor, timings, id = randomUUID(), signal, onEvent }: EngineWork,
): Promise<Extract<EngineReply, { kind: K }>> {
  if (signal.aborted) throw cancelledError();
  let grace: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    engine.process.cancel(id);
    grace = setTimeout(() => void engine.process.stop(cancelledError()), timings.cancelGrace);
  };
  signal.addEventListener("abort", cancel, { once: true });
  supervisor.setActivity("busy");
  try {
    return await engine.process.request(body, kind, {
      id,
      silenceMs: timings.runSilence,
      onEvent: (event) => {
        if (event.type === "progress" && event.phase === "loading") supervisor.setLoading();
        else supervisor.setActivity("busy");
        onEvent?.(event);
      },
    });
  } finally {
    clearTimeout(grace);
    signal.removeEventListener("abort", cancel);
    supervisor.setActivity("idle");
  }
}

/** Frees the model that the engine holds, whichever it is. Rejects as {@link doEngineWork}. */
export async function freeModel(engine: RunningEngine, work: EngineWork): Promise<void> {
  await doEngineWork(engine, { type: "unload" }, "done", work);
  work.supervisor.setLoaded(undefined);
}

/** Loads a model's pair of files into an engine. Rejects as {@link doEngineWork}, and with MODEL_LOAD_FAILED. */
export async function loadPair(
  engine: RunningEngine,
  model: KnownModel,
  settings: DetectSettings,
  work: EngineWork,
): Promise<LoadedModel> {
  const pair = enginePair(model);
  const { value } = await work.supervisor.crashedPairs.guard(
    { model, settings, process: engine.process },
    false,
    () => {
      work.supervisor.setLoading();
      const body = { type: "load", pair, settings } as const;
      return doEngineWork(engine, body, "loaded", work);
    },
  );
  work.supervisor.setLoaded({ modelId: model.id, model: value });
  return value;
}

type DetectBody = Omit<Extract<EngineRequest, { type: "detect" }>, "type" | "id" | "pair">;

/** Detects with a model, which is loaded if need be. Rejects as {@link doEngineWork}, and with MODEL_LOAD_FAILED. */
export async function detectWith(
  engine: RunningEngine,
  model: KnownModel,
  body: DetectBody,
  work: EngineWork,
): Promise<EngineResult> {
  const request = { type: "detect", pair: enginePair(model), ...body } as const;
  const attempt = { model, settings: body.settings, process: engine.process };
  const { value } = await work.supervisor.crashedPairs.guard(attempt, true, () =>
    doEngineWork(engine, request, "detected", work),
  );
  if (value.model !== undefined) work.supervisor.setLoaded({ modelId: model.id, model: value.model });
  return value;
}
