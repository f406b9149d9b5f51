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

/** Boxes with the tags that stand for the elements elsewhere: `element_id` of /parse, or the ids of a run. */
export function taggedBoxes(
  detections: readonly Detection[],
  tagOf: (detection: Detection, index: number) => string,
): OverlayBox[] {
  return detections.map((detection, index) => ({
    bbox: detection.bbox,
    ...(detection.point === undefined ? {} : { point: detection.point }),
    tag: tagOf(detection, index),
    color: detection.color ?? colours[index % colours.length] ?? colours[0],
  }));
}
