import { randomUUID } from "node:crypto";
import { HoloscopeError } from "../../contract/errors.ts";
import type { ModelEntry } from "../../contract/model.ts";
import type { DetectSettings } from "../../contract/profile.ts";
import type { EngineResult } from "../../contract/run.ts";
import type { ReadyEngine } from "../engine-supervisor.ts";
import { doEngineWork } from "../engine-work.ts";
import type { HostParts } from "../parts.ts";

/** What a detection outside the library needs: it leaves no run record behind. */
export interface UnrecordedDetection {
  readonly engine: ReadyEngine;
  readonly model: ModelEntry;
  readonly imagePath: string;
  readonly target?: string | undefined;
  readonly settings: DetectSettings;
  readonly signal: AbortSignal;
}

type EngineParts = Pick<HostParts, "supervisor" | "timings">;

/** One detection on an engine that is ready, in the queue's turn of its caller. Rejects with what the engine answers. */
export async function detectUnrecorded(
  { supervisor, timings }: EngineParts,
  { engine, model, imagePath, target, settings, signal }: UnrecordedDetection,
): Promise<EngineResult> {
  const { id: modelId, modelPath, mmprojPath } = model;
  const { value } = await doEngineWork(
    engine,
    {
      type: "detect",
      imagePath,
      pair: { modelPath, mmprojPath },
      ...modeFor(model, target),
      settings,
      fresh: true,
    },
    "detected",
    { supervisor, timings, id: randomUUID(), signal },
  );
  supervisor.setLoaded({ modelId, model: value.model });
  return value;
}

/** Models that cannot list elements are given something to locate. */
function modeFor({ modes }: ModelEntry, target: string | undefined) {
  if (target !== undefined) return { mode: "locate", target } as const;
  return modes.detect === "unsupported"
    ? ({ mode: "locate", target: "the first button" } as const)
    : ({ mode: "detect" } as const);
}

/** Frees what is loaded and loads the pair anew, so that the engine tells of it again. */
export async function loadAfresh(
  { supervisor, timings }: EngineParts,
  engine: ReadyEngine,
  model: ModelEntry,
  settings: DetectSettings,
  signal: AbortSignal,
) {
  await unload({ supervisor, timings }, engine, signal);
  supervisor.setLoading();
  const { modelPath, mmprojPath } = model;
  const body = { type: "load", pair: { modelPath, mmprojPath }, settings } as const;
  const { value } = await doEngineWork(engine, body, "loaded", { supervisor, timings, signal, id: randomUUID() });
  supervisor.setLoaded({ modelId: model.id, model: value });
  return value;
}

/** Frees the model that the engine holds, whichever it is. */
export async function unload(
  { supervisor, timings }: EngineParts,
  engine: ReadyEngine,
  signal: AbortSignal,
): Promise<void> {
  const work = { supervisor, timings, signal, id: randomUUID() };
  await doEngineWork(engine, { type: "unload" }, "done", work);
  supervisor.setLoaded(undefined);
}

/** Rethrows a cancellation; anything else is a gap in a report, not its end. */
export function asGap(caught: unknown): HoloscopeError {
  const error = HoloscopeError.from(caught);
  if (error.code === "CANCELLED") throw error;
  return error;
}
