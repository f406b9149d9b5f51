import type { Calibration } from "../../app/engine/answer/calibration.ts";
import type { Judged } from "./measure.ts";

/** A found box as far as it counts here: its confidence by the token probabilities alone, and whether it was right. */
type JudgedRaw = Pick<Judged, "raw" | "right">;

/** Neighbouring confidences taken together: their number, their mean, and the share of them that was right. */
export interface Block {
  readonly count: number;
  readonly raw: number;
  readonly right: number;
}

function joined(a: Block, b: Block): Block {
  const count = a.count + b.count;
  return {
    count,
    raw: (a.raw * a.count + b.raw * b.count) / count,
    right: (a.right * a.count + b.right * b.count) / count,
  };
}

/**
 * Isotonic regression by pooling adjacent violators (Ayer et al. 1955): the rising step function of the confidence that
 * lies nearest to what was right, in least squares. Its steps, by rising confidence.
 */
export function poolAdjacentViolators(outcomes: readonly JudgedRaw[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const { raw, right } of outcomes.toSorted((a, b) => a.raw - b.raw)) {
    let block: Block = { count: 1, raw, right: right ? 1 : 0 };
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      // Equal confidences cannot be told apart, and a step that does not rise is none.
      if (last.raw < block.raw && last.right < block.right) break;
      block = joined(last, block);
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks;
}

/**
 * At most `most` steps of at least `fewest` outcomes each. Two neighbours at a time become one: first the smallest with
 * the neighbour that is more like it, then those whose joining adds least to the squared error.
 */
export function fewerSteps(steps: readonly Block[], most: number, fewest: number): readonly Block[] {
  const blocks = [...steps];
  const cost = (index: number): number => {
    const [a, b] = [blocks[index], blocks[index + 1]];
    if (a === undefined || b === undefined) return Number.POSITIVE_INFINITY;
    return ((a.count * b.count) / (a.count + b.count)) * (a.right - b.right) ** 2;
  };
  const join = (index: number): void => {
    const [a, b] = [blocks[index], blocks[index + 1]];
    if (a !== undefined && b !== undefined) blocks.splice(index, 2, joined(a, b));
  };
  while (blocks.length > 1) {
    const smallest = Math.min(...blocks.map(({ count }) => count));
    if (smallest >= fewest) break;
    const index = blocks.findIndex(({ count }) => count === smallest);
    join(index > 0 && cost(index - 1) <= cost(index) ? index - 1 : index === blocks.length - 1 ? index - 1 : index);
  }
  while (blocks.length > most) {
    const costs = blocks.slice(1).map((_, index) => cost(index));
    join(costs.indexOf(Math.min(...costs)));
  }
  return blocks;
}

/** As the file will hold it: a float32. */
const stored = (value: number): number => Math.min(1, Math.max(0, Math.fround(value)));

/**
 * The map that a model's file holds: knots at the steps' means, values as float32. Throws if the outcomes are too few to
 * say anything.
 */
export function fitCalibration(outcomes: readonly JudgedRaw[], most = 24, fewest = 20): Calibration {
  if (outcomes.length < 2 * fewest) {
    throw new Error(`${outcomes.length} boxes are too few to calibrate on; at least ${2 * fewest} are needed.`);
  }
  const steps = fewerSteps(poolAdjacentViolators(outcomes), most, fewest);
  const knots = steps
    .map(({ raw, right }) => ({ raw: stored(raw), calibrated: stored(right) }))
    .filter(({ raw }, index, all) => index === 0 || raw > (all[index - 1]?.raw ?? 0));
  const [only, second] = knots;
  // Confidence that says nothing: the same share of right boxes everywhere.
  if (only !== undefined && second === undefined) {
    return { raw: [0, 1], calibrated: [only.calibrated, only.calibrated] };
  }
  return { raw: knots.map(({ raw }) => raw), calibrated: knots.map(({ calibrated }) => calibrated) };
}
