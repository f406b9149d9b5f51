import { isMeasured, type RunRecord, stageNames } from "../../../app/contract/index.ts";

export type CsvValue = string | number | boolean | undefined;

/**
 * One field as RFC 4180 wants it. A text that a spreadsheet would take for a formula (it starts with = + - @, a tab or
 * a line end) gets an apostrophe before it, which spreadsheets hide; numbers stay numbers.
 */
export function csvField(value: CsvValue): string {
  if (value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  if (typeof value === "boolean") return String(value);
  const safe = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows with a header, each ended by CRLF as RFC 4180 has it. */
export function csvText(header: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [header, ...rows].map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

const elementHeader = [
  "run_id",
  "image_name",
  "image_id",
  "element_id",
  "label",
  "text",
  "x1_px",
  "y1_px",
  "x2_px",
  "y2_px",
  "width_px",
  "height_px",
  "point_x_px",
  "point_y_px",
  "confidence",
  "confidence_source",
  "below_threshold",
] as const;

/** All elements of the runs, one row each; those kept apart for low confidence too, marked as such. */
export function elementsCsv(runs: readonly RunRecord[]): string {
  const rows = runs.flatMap((run) => [
    ...run.detections.map((detection) => ({ run, detection, below: false })),
    ...run.belowThreshold.map((detection) => ({ run, detection, below: true })),
  ]);
  return csvText(
    elementHeader,
    rows.map(({ run, detection, below }) => {
      const [x1, y1, x2, y2] = detection.bbox;
      return [
        run.id,
        run.image.name,
        run.image.id,
        detection.id,
        detection.label,
        detection.text,
        ...[x1, y1, x2, y2, x2 - x1, y2 - y1].map(roundPx),
        detection.point === undefined ? undefined : roundPx(detection.point[0]),
        detection.point === undefined ? undefined : roundPx(detection.point[1]),
        detection.confidence,
        detection.confidenceSource,
        below,
      ];
    }),
  );
}

const runHeader = [
  "run_id",
  "created_at",
  "status",
  "error_code",
  "image_name",
  "image_id",
  "image_width_px",
  "image_height_px",
  "model",
  "family",
  "backend",
  "machine",
  "cpu",
  "profile",
  "mode",
  "target",
  "elements",
  "total_ms",
  ...stageNames.map((stage) => `${stage}_ms`),
  "reused_stages",
  "first_element_ms",
  "image_tokens",
  "text_tokens",
  "generated_tokens",
  "llama_cpp_release",
  "app_version",
] as const;

/** One row for each run: its configuration and its measured times. A stage that was reused or never ran has no time. */
export function runsCsv(runs: readonly RunRecord[]): string {
  return csvText(
    runHeader,
    runs.map((run) => [
      run.id,
      run.createdAt,
      run.status,
      run.error?.code,
      run.image.name,
      run.image.id,
      run.image.width,
      run.image.height,
      run.model.name,
      run.model.family,
      run.engine?.backend,
      run.machine.name,
      run.machine.cpu,
      run.profile,
      run.mode,
      run.target,
      run.detections.length,
      run.totalMs,
      ...stageNames.map((name) => run.stages.find((each) => each.stage === name && isMeasured(each))?.ms),
      run.stages
        .filter(({ reused }) => reused === true)
        .map(({ stage }) => stage)
        .join(" "),
      run.result?.firstDetectionMs,
      run.result?.tokens.image,
      run.result?.tokens.text,
      run.result?.tokens.generated,
      run.engine?.llamaCppRelease,
      run.app.version,
    ]),
  );
}

/** px to hundredths: finer than any model answers, coarse enough to read. */
export function roundPx(px: number): number {
  return Math.round(px * 100) / 100;
}
