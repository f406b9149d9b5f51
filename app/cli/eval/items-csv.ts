import type { Evaluation, EvaluationItem } from "../../contract/index.ts";
import { type CsvColumn, csvText } from "../../presentation/csv.ts";

const columns: readonly CsvColumn<EvaluationItem>[] = [
  ["dataset", ({ dataset }) => dataset],
  ["split", ({ split }) => split],
  ["file", ({ file }) => file],
  ["index", ({ index }) => index],
  ["image", ({ image }) => image],
  ["image_id", ({ imageId }) => imageId],
  ["instruction", ({ instruction }) => instruction ?? undefined],
  ["groups", ({ groups }) => groups.join("; ")],
  ["correct", ({ correct }) => correct],
  ["x_px", ({ point }) => point?.[0]],
  ["y_px", ({ point }) => point?.[1]],
  ["ms", ({ ms }) => ms],
  ["image_kept", ({ reused }) => reused],
  ["run_id", ({ runId }) => runId],
  ["error_code", ({ error }) => error?.code],
  ["error", ({ error }) => error?.message],
];

/** One row for each item, in the order of the files. */
export function itemsCsv({ items }: Evaluation): string {
  return csvText(columns, items);
}
