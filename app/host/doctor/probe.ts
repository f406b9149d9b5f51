import {
  type DetectSettings,
  type EngineResult,
  HoloscopeError,
  type ImageRef,
  type ModelEntry,
} from "../../contract/index.ts";
import type { ReadyEngine } from "../engine/supervisor.ts";
import { detectWith, type EngineParts } from "../engine/work.ts";
import type { KnownModel } from "../models/engine-pair.ts";

/** A detection that leaves no run record. */
export interface UnrecordedDetection {
  readonly engine: ReadyEngine;
  readonly model: KnownModel;
  /** As ImageStore.file() gives it. */
  readonly image: { readonly path: string; readonly ref: Pick<ImageRef, "id"> };
  readonly target?: string | undefined;
  readonly settings: DetectSettings;
  readonly signal: AbortSignal;
}

/** One detection on a ready engine; the caller has its turn in the queue. Rejects with the engine's error. */
export function detectUnrecorded(
  { supervisor, timings }: EngineParts,
  { engine, model, image, target, settings, signal }: UnrecordedDetection,
): Promise<EngineResult> {
  const asked = { imageId: image.ref.id, imagePath: image.path, ...modeFor(model, target), settings, fresh: true };
  return detectWith(engine, model, asked, { supervisor, timings, signal });
}

/** Models that cannot list elements are asked to locate something. */
function modeFor({ modes }: ModelEntry, target: string | undefined) {
  if (target !== undefined) return { mode: "locate", target } as const;
  return modes.detect === "unsupported"
    ? ({ mode: "locate", target: "the first button" } as const)
    : ({ mode: "detect" } as const);
}

/** Rethrows a cancellation; anything else is a gap in a report, not its end. */
export function asGap(caught: unknown): HoloscopeError {
  const error = HoloscopeError.from(caught);
  if (error.code === "CANCELLED") throw error;
  return error;
}
