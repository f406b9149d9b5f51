import { group, sum } from "d3-array";
import { type BBox, type Detection, matchDetections } from "../../app/contract/index.ts";
import { clickPoint } from "../../app/presentation/units.ts";
import { isInside } from "../../app/truth/match.ts";

/** One element that is known to be on a screen. Coordinates are px of the screen's image. */
export interface TrueElement {
  readonly bbox: readonly [x1: number, y1: number, x2: number, y2: number];
  readonly label: string;
  readonly interactive: boolean;
}

/** A screen's truth, and what a detector answered, down to confidence 0. */
export interface Answered {
  readonly truth: readonly TrueElement[];
  readonly found: readonly Detection[];
}

/** Counts over all screens; every share is of those sums, not a mean over screens. */
export interface Figures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Confidence between two bounds: how sure the detector said it was, and how often it was right. */
export interface ReliabilityBin {
  readonly from: number;
  readonly count: number;
  readonly confidence: number;
  readonly correct: number;
}

export interface Evaluation {
  readonly screens: number;
  readonly elements: number;
  readonly iou50: Figures;
  readonly iou50Label: Figures;
  readonly iou75: Figures;
  /** Interactive elements in whose box the centre of some found box lies, as a share of all interactive ones. */
  readonly centreInBox: number;
  readonly byLabel: Readonly<
    Record<string, { readonly count: number; readonly recall: number; readonly recallWithLabel: number }>
  >;
  /** Recall at IoU 0.5 without label, by the shorter side in px of the screen's image. */
  readonly bySize: Readonly<Record<string, { readonly count: number; readonly recall: number }>>;
  /** Mean distance between confidence and share of right answers (box at IoU 0.5 and label), weighted by the bins' counts: Guo et al. 2017. */
  readonly calibrationError: number;
  /** Only bins that hold an answer. */
  readonly reliability: readonly ReliabilityBin[];
}

const sizes = [
  { name: "under 16 px", upTo: 16 },
  { name: "16 to 32 px", upTo: 32 },
  { name: "32 to 64 px", upTo: 64 },
  { name: "64 px and more", upTo: Number.POSITIVE_INFINITY },
] as const;
const bins = 10;

const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

function figures(matched: number, found: number, known: number): Figures {
  return { precision: share(matched, found), recall: share(matched, known), f1: share(2 * matched, found + known) };
}

/** The truth as detections, so that the app's own matching (best overlap first, one to one) decides. */
function asDetection({ bbox: [x1, y1, x2, y2], label }: TrueElement, index: number): Detection {
  const bbox: BBox = [x1, y1, x2, y2];
  return {
    id: `true-${index}`,
    bbox,
    label,
    confidence: 1,
    confidenceSource: "token-probability",
    raw: { space: "model-pixels", values: [...bbox] },
  };
}

/** A found box: how sure the detector was, and whether box (IoU 0.5) and label were right. */
export interface Judged {
  readonly confidence: number;
  /** By the token probabilities alone. */
  readonly raw: number;
  readonly right: boolean;
}

/** What was right at IoU 0.5 with label, what was not, and what was not found with its label. */
export interface Outcome {
  readonly right: readonly Detection[];
  readonly wrong: readonly Detection[];
  readonly missed: readonly TrueElement[];
}

export function outcome({ truth, found }: Answered): Outcome {
  const known = truth.map(asDetection);
  const pairs = matchDetections(found, known, 0.5).pairs.filter(({ a, b }) => a.label === b.label);
  const right = new Set(pairs.map(({ a }) => a));
  const met = new Set<Detection | undefined>(pairs.map(({ b }) => b));
  return {
    right: [...right],
    wrong: found.filter((each) => !right.has(each)),
    missed: truth.filter((_, index) => !met.has(known[index])),
  };
}

/** Every found box of a screen. */
export function judge(screen: Answered): readonly Judged[] {
  const right = new Set(outcome(screen).right);
  return screen.found.map((each) => ({
    confidence: each.confidence,
    raw: each.rawConfidence ?? each.confidence,
    right: right.has(each),
  }));
}

/** Figures at IoU 0.5 with label, of boxes of at least this confidence. */
export function labelledFigures(screens: readonly Answered[], minConfidence: number): Figures {
  let [foundCount, trueCount, matched] = [0, 0, 0];
  for (const { truth, found } of screens) {
    const kept = found.filter(({ confidence }) => confidence >= minConfidence);
    foundCount += kept.length;
    trueCount += truth.length;
    matched += outcome({ truth, found: kept }).right.length;
  }
  return figures(matched, foundCount, trueCount);
}

/** {@link Evaluation.calibrationError} and what it is made of. */
export function reliabilityOf(
  judged: readonly Pick<Judged, "confidence" | "right">[],
): Pick<Evaluation, "calibrationError" | "reliability"> {
  const inBins = group(judged, ({ confidence }) => Math.min(bins - 1, Math.floor(confidence * bins)));
  const reliability = [...inBins]
    .sort(([a], [b]) => a - b)
    .map(([index, inside]) => ({
      from: index / bins,
      count: inside.length,
      confidence: sum(inside, ({ confidence }) => confidence) / inside.length,
      correct: inside.filter(({ right }) => right).length / inside.length,
    }));
  const off = sum(reliability, ({ count, confidence, correct }) => count * Math.abs(confidence - correct));
  return { calibrationError: off / Math.max(1, judged.length), reliability };
}

/**
 * What a detector is worth on screens whose elements are known.
 * @param minConfidence Boxes below it do not count, save for the calibration, which is of all boxes.
 */
export function evaluate(screens: readonly Answered[], minConfidence: number): Evaluation {
  let [foundCount, trueCount, matched50, matchedLabel, matched75, interactive, hit] = [0, 0, 0, 0, 0, 0, 0];
  const byLabel = new Map<string, { count: number; found: number; labelled: number }>();
  const bySize = new Map<string, { count: number; found: number }>();

  for (const { truth, found } of screens) {
    const known = truth.map(asDetection);
    const kept = found.filter(({ confidence }) => confidence >= minConfidence);
    const { pairs } = matchDetections(kept, known, 0.5);
    foundCount += kept.length;
    trueCount += known.length;
    matched50 += pairs.length;
    matchedLabel += pairs.filter(({ a, b }) => a.label === b.label).length;
    matched75 += matchDetections(kept, known, 0.75).pairs.length;

    const partners = new Map(pairs.map(({ a, b }) => [b, a]));
    for (const [index, element] of truth.entries()) {
      const detection = known[index];
      const partner = detection === undefined ? undefined : partners.get(detection);
      const label = byLabel.get(element.label) ?? { count: 0, found: 0, labelled: 0 };
      label.count++;
      if (partner !== undefined) label.found++;
      if (partner?.label === element.label) label.labelled++;
      byLabel.set(element.label, label);

      const [x1, y1, x2, y2] = element.bbox;
      const side = Math.min(x2 - x1, y2 - y1);
      const size = sizes.find(({ upTo }) => side < upTo)?.name ?? sizes[3].name;
      const sized = bySize.get(size) ?? { count: 0, found: 0 };
      sized.count++;
      if (partner !== undefined) sized.found++;
      bySize.set(size, sized);

      if (!element.interactive) continue;
      interactive++;
      if (kept.some((each) => isInside(clickPoint(each), element.bbox))) hit++;
    }
  }

  return {
    screens: screens.length,
    elements: trueCount,
    iou50: figures(matched50, foundCount, trueCount),
    iou50Label: figures(matchedLabel, foundCount, trueCount),
    iou75: figures(matched75, foundCount, trueCount),
    centreInBox: share(hit, interactive),
    byLabel: Object.fromEntries(
      [...byLabel]
        .sort()
        .map(([name, { count, found, labelled }]) => [
          name,
          { count, recall: found / count, recallWithLabel: labelled / count },
        ]),
    ),
    bySize: Object.fromEntries(
      sizes.flatMap(({ name }) => {
        const sized = bySize.get(name);
        return sized === undefined ? [] : [[name, { count: sized.count, recall: sized.found / sized.count }]];
      }),
    ),
    ...reliabilityOf(screens.flatMap(judge)),
  };
}
