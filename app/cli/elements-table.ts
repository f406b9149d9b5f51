import type { Detection } from "../contract/index.ts";
import { formatPx } from "./numbers.ts";
import { type Column, renderTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const columns: readonly Column[] = [
  { title: "id", align: "right", style: "dim" },
  { title: "label", flexible: true },
  { title: "box x1 y1 x2 y2 (px)" },
  { title: "size (px)", align: "right" },
  { title: "confidence", align: "right" },
];

function box({ bbox, point }: Detection): string {
  const text = bbox.map((value) => formatPx(value).padStart(6)).join(" ");
  return point === undefined ? text : `${text}  click ${point.map(formatPx).join(" ")}`;
}

function row(detection: Detection): string[] {
  const [x1, y1, x2, y2] = detection.bbox;
  const label = detection.text === undefined ? detection.label : `${detection.label} "${detection.text}"`;
  const size = `${formatPx(x2 - x1)} × ${formatPx(y2 - y1)}`;
  return [detection.id, label, box(detection), size, detection.confidence.toFixed(2)];
}

/** One line for each element, in the order the model wrote them; px of the source image. */
export function elementsTable(terminal: Terminal, detections: readonly Detection[]): string {
  return renderTable(terminal, columns, detections.map(row));
}
