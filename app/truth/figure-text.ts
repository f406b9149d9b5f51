import type { Figure, Metrics } from "./metrics.ts";

/** "0.948"; a dash where the figure has no meaning. */
export function formatFigure(figure: Figure): string {
  return figure === null ? "–" : figure.toFixed(3);
}

export const figureNames = { precision: "Precision", recall: "Recall", f1: "F1", meanIou: "Mean IoU" } as const;
export type FigureName = keyof typeof figureNames;
export const figureOrder: readonly FigureName[] = ["precision", "recall", "f1", "meanIou"];

/** What a figure says, and why it may have no meaning. */
export const figureMeanings: Readonly<Record<FigureName, string>> = {
  precision: "Part of the detections that match a known element.",
  recall: "Part of the known elements that were found.",
  f1: "Harmonic mean of precision and recall.",
  meanIou: "Mean overlap of the matched boxes; missed elements do not lower it.",
};

const absences: Readonly<Record<FigureName, string>> = {
  precision: "no detections",
  recall: "no known elements",
  f1: "nothing to compare",
  meanIou: "no match",
};

/** Why a figure is a dash; undefined if it is a number. */
export function absenceOf(metrics: Metrics, name: FigureName): string | undefined {
  return metrics[name] === null ? absences[name] : undefined;
}
