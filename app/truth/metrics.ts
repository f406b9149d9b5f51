import { labelKey } from "../presentation/labels.ts";
import type { TruthMatch } from "./match.ts";

/**
 * A figure 0..1, or null where it has no meaning: precision without detections, recall without known elements, F1
 * without either, mean IoU without a match. Shown as a dash, left out of means; never NaN, never a made-up 0 or 1.
 */
export type Figure = number | null;

export interface Counts {
  readonly matched: number;
  readonly missed: number;
  readonly extra: number;
}

export interface Metrics extends Counts {
  /** matched / (matched + extra): how much of what was found is there. */
  readonly precision: Figure;
  /** matched / (matched + missed): how much of what is there was found. */
  readonly recall: Figure;
  /** 2 matched / (2 matched + missed + extra), which is the harmonic mean of precision and recall. */
  readonly f1: Figure;
  /** Mean intersection over union of the matched pairs alone; elements missed do not lower it. */
  readonly meanIou: Figure;
}

const ratio = (part: number, whole: number): Figure => (whole === 0 ? null : part / whole);

function metricsOf({ matched, missed, extra }: Counts, iouSum: number): Metrics {
  return {
    matched,
    missed,
    extra,
    precision: ratio(matched, matched + extra),
    recall: ratio(matched, matched + missed),
    f1: ratio(2 * matched, 2 * matched + missed + extra),
    meanIou: ratio(iouSum, matched),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Metrics of one image, or of several taken together: each element counts the same ("micro"). */
export function measure(matches: readonly TruthMatch[]): Metrics {
  return metricsOf(
    {
      matched: sum(matches.map(({ matched }) => matched.length)),
      missed: sum(matches.map(({ missed }) => missed.length)),
      extra: sum(matches.map(({ extra }) => extra.length)),
    },
    sum(matches.flatMap(({ matched }) => matched.map(({ iou }) => iou))),
  );
}

export type MeanMetrics = Pick<Metrics, "precision" | "recall" | "f1" | "meanIou">;

/** Mean of each figure ("macro"): each image, or each label, counts the same. Where it has no meaning it is left out. */
export function macroMean(all: readonly MeanMetrics[]): MeanMetrics {
  const mean = (figures: readonly Figure[]): Figure => {
    const known = figures.filter((figure) => figure !== null);
    return ratio(sum(known), known.length);
  };
  return {
    precision: mean(all.map(({ precision }) => precision)),
    recall: mean(all.map(({ recall }) => recall)),
    f1: mean(all.map(({ f1 }) => f1)),
    meanIou: mean(all.map(({ meanIou }) => meanIou)),
  };
}

export interface LabelMetrics extends Metrics {
  /** As first met; labels that differ only in case and separators are one. */
  readonly label: string;
}

/** Elements whose truth names no label are listed under this one. */
export const unlabelled = "no label";

/**
 * Metrics of each label, the most frequent first. A match and a miss count for the label of the known element, an
 * extra for the detection's: where labels need not agree, a match under another label still counts for the known one.
 */
export function measureLabels(matches: readonly TruthMatch[]): readonly LabelMetrics[] {
  const rows = new Map<string, { label: string; matched: number; missed: number; extra: number; iouSum: number }>();
  const row = (label = unlabelled) => {
    const key = labelKey(label);
    const known = rows.get(key) ?? { label, matched: 0, missed: 0, extra: 0, iouSum: 0 };
    rows.set(key, known);
    return known;
  };
  for (const { matched, missed, extra } of matches) {
    for (const { truth, iou } of matched) {
      const found = row(truth.label);
      found.matched += 1;
      found.iouSum += iou;
    }
    for (const { label } of missed) row(label).missed += 1;
    for (const { label } of extra) row(label).extra += 1;
  }
  return [...rows.values()]
    .map(({ label, iouSum, ...counts }) => ({ label, ...metricsOf(counts, iouSum) }))
    .sort((a, b) => b.matched + b.missed + b.extra - (a.matched + a.missed + a.extra) || (a.label < b.label ? -1 : 1));
}
