import { type BBox, type Detection, iou, type TruthElement } from "../../../app/contract/index.ts";
import type { TruthMatch } from "../../../app/truth/match.ts";

/** One missed element or one extra detection, and what lies nearest to it: mostly the reason. */
export interface Mistake {
  /** Unique among the mistakes of one image. */
  readonly id: string;
  readonly kind: "missed" | "extra";
  /** Of the known element or of the detection; px of the source image. */
  readonly bbox: BBox;
  readonly label: string | undefined;
  readonly text: string | undefined;
  /** Present when the mistake is a detection. */
  readonly detectionId?: string;
  /** The detection (of a missed element) or known element (of an extra one) that overlaps most, if any does. */
  readonly nearest?: { readonly label: string | undefined; readonly iou: number; readonly taken: boolean };
}

/** All mistakes in reading order: by the upper edge, then the left one. */
export function mistakesOf({ matched, missed, extra }: TruthMatch): readonly Mistake[] {
  const detections = [
    ...matched.map(({ detection }) => ({ ...nearby(detection), taken: true })),
    ...extra.map((detection) => ({ ...nearby(detection), taken: false })),
  ];
  const truths = [
    ...matched.map(({ truth }) => ({ ...nearby(truth), taken: true })),
    ...missed.map((truth) => ({ ...nearby(truth), taken: false })),
  ];
  const mistakes: Mistake[] = [
    ...missed.map((truth) => ({
      id: `missed-${truth.id}`,
      kind: "missed" as const,
      bbox: truth.bbox,
      label: truth.label,
      text: truth.text,
      ...nearestTo(truth.bbox, detections),
    })),
    ...extra.map((detection) => ({
      id: `extra-${detection.id}`,
      kind: "extra" as const,
      bbox: detection.bbox,
      label: detection.label,
      text: detection.text,
      detectionId: detection.id,
      ...nearestTo(detection.bbox, truths),
    })),
  ];
  return mistakes.sort((a, b) => a.bbox[1] - b.bbox[1] || a.bbox[0] - b.bbox[0] || (a.id < b.id ? -1 : 1));
}

/** The mistake after (or before) one, around the end; the first (or last) if none is given or it is gone. */
export function nextMistake(all: readonly Mistake[], from: string | undefined, step: 1 | -1): Mistake | undefined {
  const index = all.findIndex(({ id }) => id === from);
  if (index < 0) return step === 1 ? all[0] : all.at(-1);
  return all[(index + step + all.length) % all.length];
}

interface Nearby {
  readonly label: string | undefined;
  readonly bbox: BBox;
}

const nearby = ({ label, bbox }: Detection | TruthElement): Nearby => ({ label, bbox });

function nearestTo(bbox: BBox, others: readonly (Nearby & { readonly taken: boolean })[]): Pick<Mistake, "nearest"> {
  let nearest: Mistake["nearest"];
  for (const { label, bbox: other, taken } of others) {
    const overlap = iou(bbox, other);
    if (overlap > (nearest?.iou ?? 0)) nearest = { label, iou: overlap, taken };
  }
  return nearest === undefined ? {} : { nearest };
}
