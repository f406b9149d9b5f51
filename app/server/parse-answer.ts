import type { AnsweredRun, Detection, ParseResponse, StageName } from "../contract/index.ts";
import type { ParseFields } from "./parse-request.ts";

/** The number of an element in the answer and in the drawn image: 1, 2, ... without gaps, in the model's order. */
export function elementId(index: number): number {
  return index + 1;
}

/** One element as the original service answers it. */
function element(detection: Detection, index: number): ParseResponse["elements"][number] {
  const [x1, y1, x2, y2] = detection.bbox;
  return {
    bbox: [x1, y1, x2 - x1, y2 - y1],
    center: detection.point ?? [(x1 + x2) / 2, (y1 + y2) / 2],
    confidence: detection.confidence,
    type: detection.label,
    caption: detection.text ?? detection.label,
    element_id: elementId(index),
  };
}

export interface AnswerParts {
  readonly fields: ParseFields;
  /** A finished run with status "done". */
  readonly run: AnsweredRun;
  /** ms from the complete request to the answer: queueing, model loading and the drawn image included. */
  readonly processingMs: number;
  readonly som: Uint8Array | undefined;
  readonly warnings: readonly string[];
}

/** The answer of POST /parse. The original's four timings are sums of our stages; "other" is in the total only. */
export function parseAnswer({ fields, run, processingMs, som, warnings }: AnswerParts): ParseResponse {
  const sum = (...names: StageName[]) =>
    run.stages.reduce((total, stage) => total + (names.includes(stage.stage) ? stage.ms : 0), 0);
  const timing = {
    resize_ms: sum("decode", "preprocess"),
    inference_ms: sum("encode", "prefill", "generate"),
    parse_ms: sum("parse"),
    total_ms: run.totalMs,
  };
  const { cached } = run;
  const truncated = run.warnings.find((warning) => warning.code === "ANSWER_TRUNCATED");
  const rawOutput = run.result?.rawOutput ?? "";
  return {
    elements: run.detections.map(element),
    count: run.detections.length,
    processing_time_ms: processingMs,
    image_size: { width: run.image.width, height: run.image.height },
    device: run.engine?.backend ?? "unknown",
    profile: run.profile,
    max_detections: run.settings.maxDetections,
    min_confidence: run.settings.minConfidence,
    ...(som === undefined ? {} : { som_image: `data:image/png;base64,${Buffer.from(som).toString("base64")}` }),
    model: run.model.name,
    ...(cached === undefined ? { timing } : { cached: { run_id: cached.runId, created_at: cached.createdAt } }),
    ...(fields.return_raw_outputs ? { raw_output: rawOutput, output_length: rawOutput.length } : {}),
    parse_status: truncated ? "truncated" : "ok",
    ...(truncated ? { parse_error: truncated.message } : {}),
    stages: cached === undefined ? run.stages : [],
    run_id: run.id,
    warnings: [...run.warnings.map((warning) => warning.message), ...warnings],
  };
}
