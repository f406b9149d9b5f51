import {
  type AnsweredRun,
  type DetailedParseResponse,
  defined,
  endedEarly,
  type ParseResponse,
  type ParseTiming,
  type StageName,
} from "../contract/index.ts";
import { toldConfidence } from "../presentation/texts.ts";
import { clickPoint, wholeBox, wholePoint } from "../presentation/units.ts";

export interface AnswerParts {
  /** Whether the model's own words were asked for. */
  readonly withRawOutput: boolean;
  /** A finished run with status "done". */
  readonly run: AnsweredRun;
  /** ms from the complete request to the answer: queueing, model loading and the drawn image included. */
  readonly processingMs: number;
  /** The drawn image as PNG in base64. */
  readonly som: string | undefined;
}

/** The original service's names of devices; Vulkan it does not know. */
export function deviceName(backend: string | undefined): string {
  return backend === "metal" ? "mps" : (backend ?? "unknown");
}

/** The original service's four timings are sums of our stages; "other" counts only in the total. */
export function timingOf(run: AnsweredRun): ParseTiming {
  const sum = (...names: StageName[]) =>
    run.stages.reduce((total, stage) => total + (names.includes(stage.stage) ? stage.ms : 0), 0);
  return {
    resize_ms: sum("decode", "preprocess"),
    inference_ms: sum("encode", "prefill", "generate"),
    parse_ms: sum("parse"),
    total_ms: run.totalMs,
  };
}

function commonFields({ run, processingMs }: AnswerParts) {
  return {
    count: run.detections.length,
    processing_time_ms: processingMs,
    image_size: { width: run.image.width, height: run.image.height },
    profile: run.profile,
    max_detections: run.settings.maxDetections,
    min_confidence: run.settings.minConfidence,
    model: run.model.name,
  };
}

/** The answer of POST /parse, as the original service gives it. */
export function parseAnswer(parts: AnswerParts): ParseResponse {
  const { run, som, withRawOutput } = parts;
  const cut = endedEarly(run.warnings)?.message;
  const rawOutput = withRawOutput ? (run.result?.rawOutput ?? "") : null;
  return {
    elements: run.detections.map((detection, index) => ({
      bbox: wholeBox(detection.bbox, run.image),
      center: wholePoint(clickPoint(detection), run.image),
      confidence: toldConfidence(detection) ?? null,
      type: detection.label,
      caption: detection.text ?? detection.label,
      element_id: index,
    })),
    ...commonFields(parts),
    device: deviceName(run.engine?.backend),
    som_image: som ?? null,
    timing: run.cached === undefined ? timingOf(run) : null,
    raw_output: rawOutput,
    output_length: rawOutput?.length ?? null,
    parse_status: cut === undefined ? "success" : "error",
    parse_error: cut ?? null,
  };
}

/** The answer of POST /api/parse. */
export function detailedParseAnswer(parts: AnswerParts): DetailedParseResponse {
  const { run, som, withRawOutput } = parts;
  const { cached } = run;
  const cut = endedEarly(run.warnings)?.message;
  const rawOutput = run.result?.rawOutput ?? "";
  return {
    elements: run.detections.map((detection, index) => {
      const [x1, y1, x2, y2] = detection.bbox;
      return {
        bbox: [x1, y1, x2 - x1, y2 - y1],
        center: clickPoint(detection),
        confidence: toldConfidence(detection) ?? null,
        type: detection.label,
        caption: detection.text ?? detection.label,
        element_id: index + 1,
      };
    }),
    ...commonFields(parts),
    device: run.engine?.backend ?? "unknown",
    ...defined({ som_image: som === undefined ? undefined : `data:image/png;base64,${som}` }),
    ...(cached === undefined
      ? { timing: timingOf(run) }
      : { cached: { run_id: cached.runId, created_at: cached.createdAt } }),
    ...(withRawOutput ? { raw_output: rawOutput, output_length: rawOutput.length } : {}),
    parse_status: cut === undefined ? "ok" : "truncated",
    ...defined({ parse_error: cut }),
    stages: cached === undefined ? run.stages : [],
    run_id: run.id,
    warnings: run.warnings.map((warning) => warning.message),
  };
}
