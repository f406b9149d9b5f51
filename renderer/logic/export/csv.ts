import { type Detection, type RunRecord, scaleOf, stageNames } from "../../../app/contract/index.ts";
import { type CsvColumn, csvText } from "../../../app/presentation/csv.ts";
import { toldConfidence } from "../../../app/presentation/texts.ts";
import { boxInUnit, clickPoint, pointInUnit, roundPx } from "../../../app/presentation/units.ts";
import { measuredMs } from "../statistics/run-figures.ts";

interface ElementRow {
  readonly run: RunRecord;
  readonly detection: Detection;
  readonly below: boolean;
}

const elementColumns: readonly CsvColumn<ElementRow>[] = [
  ["run_id", ({ run }) => run.id],
  ["image_name", ({ run }) => run.image.name],
  ["image_id", ({ run }) => run.image.id],
  ["element_id", ({ detection }) => detection.id],
  ["label", ({ detection }) => detection.label],
  ["text", ({ detection }) => detection.text],
  ["x1_px", ({ detection: { bbox } }) => roundPx(bbox[0])],
  ["y1_px", ({ detection: { bbox } }) => roundPx(bbox[1])],
  ["x2_px", ({ detection: { bbox } }) => roundPx(bbox[2])],
  ["y2_px", ({ detection: { bbox } }) => roundPx(bbox[3])],
  ["width_px", ({ detection: { bbox } }) => roundPx(bbox[2] - bbox[0])],
  ["height_px", ({ detection: { bbox } }) => roundPx(bbox[3] - bbox[1])],
  ["point_x_px", ({ detection: { point } }) => point && roundPx(point[0])],
  ["point_y_px", ({ detection: { point } }) => point && roundPx(point[1])],
  ["confidence", ({ detection }) => toldConfidence(detection)],
  ["confidence_source", ({ detection }) => detection.confidenceSource],
  ["below_threshold", ({ below }) => below],
  ["scale", ({ run }) => scaleOf(run.image).value],
  ...(["x1", "y1", "x2", "y2"] as const).map(
    (name, index): CsvColumn<ElementRow> => [
      `${name}_css_px`,
      ({ run, detection }) => roundPx(boxInUnit(detection.bbox, scaleOf(run.image).value)[index] ?? Number.NaN),
    ],
  ),
  ...(["x", "y"] as const).map(
    (name, index): CsvColumn<ElementRow> => [
      `click_${name}_css_px`,
      ({ run, detection }) =>
        roundPx(pointInUnit(clickPoint(detection), scaleOf(run.image).value)[index] ?? Number.NaN),
    ],
  ),
];

/**
 * All elements of the runs, one row each; those kept apart for low confidence too, marked as such. Places are in image px
 * and, by the image's scale, in CSS px.
 */
export function elementsCsv(runs: readonly RunRecord[]): string {
  const rows = runs.flatMap((run) => [
    ...run.detections.map((detection) => ({ run, detection, below: false })),
    ...run.belowThreshold.map((detection) => ({ run, detection, below: true })),
  ]);
  return csvText(elementColumns, rows);
}

const runColumns: readonly CsvColumn<RunRecord>[] = [
  ["run_id", (run) => run.id],
  ["created_at", (run) => run.createdAt],
  ["status", (run) => run.status],
  ["error_code", (run) => run.error?.code],
  ["image_name", (run) => run.image.name],
  ["image_id", (run) => run.image.id],
  ["image_width_px", (run) => run.image.width],
  ["image_height_px", (run) => run.image.height],
  ["model", (run) => run.model.name],
  ["family", (run) => run.model.family],
  ["backend", (run) => run.engine?.backend],
  ["machine", (run) => run.machine.name],
  ["cpu", (run) => run.machine.cpu],
  ["profile", (run) => run.profile],
  ["mode", (run) => run.mode],
  ["target", (run) => run.target],
  ["elements", (run) => run.detections.length],
  ["total_ms", (run) => run.totalMs],
  ...stageNames.map((name): CsvColumn<RunRecord> => [`${name}_ms`, (run) => measuredMs(run, name)]),
  ["reused_stages", (run) => run.stages.flatMap(({ reused, stage }) => (reused === true ? [stage] : [])).join(" ")],
  ["first_element_ms", (run) => run.result?.firstDetectionMs],
  ["image_tokens", (run) => run.result?.tokens.image],
  ["text_tokens", (run) => run.result?.tokens.text],
  ["generated_tokens", (run) => run.result?.tokens.generated],
  ["llama_cpp_release", (run) => run.engine?.llamaCppRelease],
  ["app_version", (run) => run.app.version],
];

/** One row for each run: its configuration and its measured times. A stage that was reused or never ran has no time. */
export function runsCsv(runs: readonly RunRecord[]): string {
  return csvText(runColumns, runs);
}
