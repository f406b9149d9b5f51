import type { Detection, ImageScale } from "../contract/index.ts";
import { formatPx } from "../presentation/numbers.ts";
import { confidenceText } from "../presentation/texts.ts";
import { clickPoint, pointInUnit } from "../presentation/units.ts";
import { type Field, tableOf } from "./table.ts";
import type { Terminal } from "./terminal.ts";

function box({ bbox, point }: Detection): string {
  const text = bbox.map((value) => formatPx(value).padStart(6)).join(" ");
  return point === undefined ? text : `${text}  click ${point.map(formatPx).join(" ")}`;
}

const fields: readonly Field<Detection>[] = [
  { title: "id", align: "right", style: "dim", of: ({ id }) => id },
  { title: "label", flexible: true, of: ({ label, text }) => (text === undefined ? label : `${label} "${text}"`) },
  { title: "box x1 y1 x2 y2 (px)", of: box },
  {
    title: "size (px)",
    align: "right",
    of: ({ bbox: [x1, y1, x2, y2] }) => `${formatPx(x2 - x1)} × ${formatPx(y2 - y1)}`,
  },
  { title: "confidence", align: "right", of: confidenceText },
];

/**
 * One line for each element, in the order the model wrote them; px of the source image, and at another scale than 1 also
 * where to click in CSS px.
 */
export function elementsTable(terminal: Terminal, detections: readonly Detection[], scale: ImageScale): string {
  const click: Field<Detection> = {
    title: "click (CSS px)",
    align: "right",
    of: (detection) => pointInUnit(clickPoint(detection), scale.value).map(formatPx).join(" "),
  };
  return tableOf(terminal, scale.value === 1 ? fields : [...fields, click], detections);
}
