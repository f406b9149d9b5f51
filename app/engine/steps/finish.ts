import { type Detection, defined, type EngineResult } from "../../contract/index.ts";
import { tokenCounts } from "../session/session.ts";
import type { Asked } from "./answer.ts";
import type { Run } from "./plan.ts";
import type { View } from "./view.ts";
import { warningsFor } from "./warnings.ts";

/**
 * The result of a detection, but for what is measured around it.
 * @param asked undefined if focus mode found no change: then the earlier run's elements are the result
 * Errors: BAD_REQUEST if the target does not tell the elements apart that it may mean.
 */
export function finish(
  run: Run,
  view: View,
  asked: Asked | undefined,
): Omit<EngineResult, "stages" | "totalMs" | "memory"> {
  const { pair, call, plan } = run;
  const { settings } = call;
  const elements = view.focus.merge(asked?.answer.found ?? []);
  const shown = elements.filter(({ confidence }) => confidence >= settings.minConfidence);
  const chosen = plan.search?.choose(shown, view.image);
  const detections = numbered(plan.search === undefined ? shown : chosen === undefined ? [] : [chosen], 0);
  const apart = elements.filter(({ confidence }) => confidence < settings.minConfidence);
  const belowThreshold = numbered(apart, detections.length);
  const { vit, cpuAttention } = asked?.encoded ?? {};
  const { reuse } = asked?.prefilled ?? {};
  return {
    detections,
    belowThreshold,
    warnings: warningsFor(run, view, asked, belowThreshold.length),
    tokens:
      asked === undefined
        ? { image: 0, text: 0, generated: 0 }
        : tokenCounts(asked.prepared.tokens, asked.answer.generated),
    input: view.input,
    prompt: (asked?.prepared.question ?? plan.question(view.input)).prompt,
    rawOutput: asked?.answer.text ?? "",
    effective: {
      ...pair.session.resources(settings),
      ...defined({ vit, cpuAttention, jumpForward: pair.info && asked?.answer.asked.jumpForward }),
    },
    ...defined({ model: pair.info }),
    ...defined({ reuse: reuse && { kind: reuse.kind, bytes: reuse.bytes }, focus: view.focus.report }),
  };
}

/** The id of an element by its place among the shown ones, from 0 on; what is kept apart comes after them. */
export function elementId(place: number): string {
  return `e${place + 1}`;
}

function numbered(elements: readonly Detection[], from: number): Detection[] {
  return elements.map((element, index) => ({ ...element, id: elementId(from + index) }));
}
