import type { Detection, ImageRef, Truth } from "../../app/contract/index.ts";
import { evaluateRun } from "../../app/truth/evaluate.ts";
import type { MatchRule, TruthMatch } from "../../app/truth/match.ts";
import { measure } from "../../app/truth/metrics.ts";
import { rememberLast } from "../logic/remember-last.ts";
import { isActive, type RunView } from "../logic/run-view.ts";
import { type Mistake, mistakesOf } from "../logic/truth/mistakes.ts";
import type { AppState } from "./app-store.ts";
import type { ImagesState } from "./images-slice.ts";
import type { RunsState } from "./runs-slice.ts";
import { shownRun } from "./selectors.ts";
import type { TruthState } from "./truth-slice.ts";

/** Questions about ground truth. All return stable references as long as nothing relevant changed. */

const noDetections: readonly Detection[] = [];
const noMistakes: readonly Mistake[] = [];

export function currentTruth({ truth, images }: AppState): Truth | undefined {
  return images.currentId === undefined ? undefined : truth.byImage[images.currentId];
}

function evaluate(truth: Truth, run: RunView, rule: MatchRule, minConfidence: number | undefined): TruthMatch {
  const { mode, target, detections } = run;
  const belowThreshold = run.record?.belowThreshold ?? noDetections;
  return evaluateRun(truth, { mode, target, detections, belowThreshold }, rule, minConfidence);
}

const evaluateShown = rememberLast(evaluate);

/** The shown run beside the truth of its image; undefined without one or the other, and until the run has ended. */
export function currentMatch(state: AppState): TruthMatch | undefined {
  const truth = currentTruth(state);
  const run = shownRun(state);
  if (truth === undefined || run === undefined || isActive(run)) return undefined;
  return evaluateShown(truth, run, state.truth.rule, state.filter.minConfidence);
}

const metricsOfShown = rememberLast((match: TruthMatch) => measure([match]));
const mistakesOfShown = rememberLast(mistakesOf);

export function currentMetrics(state: AppState): ReturnType<typeof measure> | undefined {
  const match = currentMatch(state);
  return match === undefined ? undefined : metricsOfShown(match);
}

export function currentMistakes(state: AppState): readonly Mistake[] {
  const match = currentMatch(state);
  return match === undefined ? noMistakes : mistakesOfShown(match);
}

/** The mistake that was jumped to, if it still is one. */
export function focusedMistake(state: AppState): Mistake | undefined {
  const { focus } = state.truth;
  return focus === undefined ? undefined : currentMistakes(state).find(({ id }) => id === focus.mistakeId);
}

export interface MeasuredImage {
  readonly image: ImageRef;
  readonly match: TruthMatch;
}

export interface MeasuredImages {
  /** Open images that have truth and a run that has ended, in their order. */
  readonly measured: readonly MeasuredImage[];
  /** Open images with truth whose run is missing or under way. */
  readonly withoutRun: readonly ImageRef[];
}

const evaluateAll = rememberLast(
  (images: ImagesState, runs: RunsState, { byImage, rule }: TruthState, minConfidence: number | undefined) => {
    const measured: MeasuredImage[] = [];
    const withoutRun: ImageRef[] = [];
    for (const id of images.order) {
      const [image, truth, run] = [images.byId[id], byImage[id], runs.byId[runs.shown[id] ?? ""]];
      if (image === undefined || truth === undefined) continue;
      if (run === undefined || isActive(run)) withoutRun.push(image);
      else measured.push({ image, match: evaluate(truth, run, rule, minConfidence) });
    }
    return { measured, withoutRun };
  },
);

/** The folder: all open images that have ground truth. */
export function measuredImages({ images, runs, truth, filter }: AppState): MeasuredImages {
  return evaluateAll(images, runs, truth, filter.minConfidence);
}

/** How many open images have ground truth. */
export function imagesWithTruth({ images, truth }: AppState): number {
  return images.order.filter((id) => truth.byImage[id] !== undefined).length;
}
