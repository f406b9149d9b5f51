import { bin, max } from "d3-array";
import type { Found } from "./filter.ts";

export interface ConfidenceBin {
  /** 0..1, from inclusive. */
  readonly from: number;
  readonly to: number;
  /** Elements of the run, and those below its own threshold. */
  readonly kept: number;
  readonly below: number;
}

export interface ConfidenceHistogram {
  readonly bins: readonly ConfidenceBin[];
  /** Elements in the fullest bin; 0 without elements. */
  readonly highest: number;
}

/** How many elements have which confidence, in equal steps from 0 to 1. */
export function confidenceHistogram({ detections, belowThreshold }: Found, steps = 20): ConfidenceHistogram {
  const thresholds = Array.from({ length: steps - 1 }, (_, index) => (index + 1) / steps);
  const marked = [
    ...detections.map(({ confidence }) => ({ confidence, below: false })),
    ...belowThreshold.map(({ confidence }) => ({ confidence, below: true })),
  ];
  const inBins = bin<(typeof marked)[number], number>()
    .value(({ confidence }) => confidence)
    .domain([0, 1])
    .thresholds(thresholds);
  const bins = inBins(marked).map((members, index) => {
    const below = members.filter((each) => each.below).length;
    return { from: index / steps, to: (index + 1) / steps, kept: members.length - below, below };
  });
  return { bins, highest: max(bins, ({ kept, below }) => kept + below) ?? 0 };
}
