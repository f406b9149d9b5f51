import type { RunRecord } from "../contract/index.ts";
import { defined } from "../contract/index.ts";
import { type CocoCategory, cocoCategories } from "./coco-categories.ts";
import { confidenceSourceTexts, toldConfidence } from "./texts.ts";
import { roundPx } from "./units.ts";

export interface CocoDocument {
  readonly info: { readonly description: string; readonly version: string; readonly date_created: string };
  readonly licenses: readonly [];
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
    /** Ours: SHA-256 of the file. */
    readonly sha256: string;
  }[];
  readonly categories: readonly CocoCategory[];
  readonly annotations: readonly {
    readonly id: number;
    readonly image_id: number;
    readonly category_id: number;
    /** [x, y, width, height] in px of the source image. */
    readonly bbox: readonly [number, number, number, number];
    readonly area: number;
    readonly iscrowd: 0;
    readonly segmentation: readonly [];
    /** Absent where the engine tells no confidence. */
    readonly score?: number;
    /** Ours: the run and element that it comes from, and the element's text. */
    readonly run_id: string;
    readonly element_id: string;
    readonly text?: string;
  }[];
}

/**
 * The runs' elements as COCO object detection (https://cocodataset.org/#format-data), with `score` as in COCO's result
 * format. An image of several runs gets the elements of the newest one: a detector has one answer for each image.
 * @param now ISO time of the export.
 */
export function cocoDocument(runs: readonly RunRecord[], now: string): CocoDocument {
  const newest = newestOfEachImage(runs);
  const labels = [...new Set(newest.flatMap(({ detections }) => detections.map(({ label }) => label)))];
  const { categories, idOf } = cocoCategories(labels);
  const names = uniqueNames(newest);
  const sources = new Set(newest.flatMap(({ detections }) => detections.map((each) => each.confidenceSource)));
  const scores = [...(sources.size === 0 ? ["token-probability" as const] : sources)]
    .map((source) => confidenceSourceTexts[source])
    .join(", or ");
  const annotations = newest.flatMap((run, imageIndex) =>
    run.detections.map((detection) => {
      const [x1, y1, x2, y2] = detection.bbox;
      const width = roundPx(x2 - x1);
      const height = roundPx(y2 - y1);
      return {
        image_id: imageIndex + 1,
        category_id: idOf.get(detection.label) ?? 0,
        bbox: [roundPx(x1), roundPx(y1), width, height] as const,
        area: roundPx(width * height),
        iscrowd: 0 as const,
        segmentation: [] as const,
        run_id: run.id,
        element_id: detection.id,
        ...defined({ score: toldConfidence(detection), text: detection.text }),
      };
    }),
  );
  return {
    info: {
      description: `UI elements found by Holoscope; the newest run of each image; score is ${scores}`,
      version: newest[0]?.app.version ?? "",
      date_created: now,
    },
    licenses: [],
    images: newest.map(({ image }, index) => ({
      id: index + 1,
      file_name: names[index] ?? image.id,
      width: image.width,
      height: image.height,
      sha256: image.id,
    })),
    categories,
    annotations: annotations.map((annotation, index) => ({ id: index + 1, ...annotation })),
  };
}

/**
 * File names by which the images are told apart, also where case does not count. Of several images with one name all
 * but the first get a part of their hash; one without a name gets the whole.
 */
function uniqueNames(runs: readonly RunRecord[]): readonly string[] {
  const taken = new Set<string>();
  return runs.map(({ image: { id, name, format } }) => {
    const given = name ?? `${id}.${format}`;
    const dot = given.lastIndexOf(".");
    const [stem, ending] = dot > 0 ? [given.slice(0, dot), given.slice(dot)] : [given, ""];
    const unique = taken.has(given.toLowerCase()) ? `${stem}-${id.slice(0, 12)}${ending}` : given;
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** Runs that are done, one for each image, in the order in which the images first appear. */
export function newestOfEachImage(runs: readonly RunRecord[]): readonly RunRecord[] {
  const byImage = new Map<string, RunRecord>();
  for (const run of runs) {
    if (run.status !== "done") continue;
    const known = byImage.get(run.image.id);
    if (known === undefined || run.createdAt > known.createdAt) byImage.set(run.image.id, run);
  }
  return [...byImage.values()];
}
