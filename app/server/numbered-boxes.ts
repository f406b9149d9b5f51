import type { Detection, OverlayBox } from "../contract/index.ts";

/** Ten colours that stay apart from each other and from a light or dark screenshot. */
const colours = [
  "#e6194b",
  "#3cb44b",
  "#4363d8",
  "#f58231",
  "#911eb4",
  "#008080",
  "#f032e6",
  "#9a6324",
  "#800000",
  "#0082c8",
] as const;

/** Boxes tagged with numbers from 1, in the order the model wrote the elements: 1 is "e1", and `element_id` 1 of /parse. */
export function numberedBoxes(detections: readonly Detection[]): OverlayBox[] {
  return detections.map((detection, index) => ({
    bbox: detection.bbox,
    ...(detection.point === undefined ? {} : { point: detection.point }),
    tag: String(index + 1),
    color: colours[index % colours.length] ?? colours[0],
  }));
}
