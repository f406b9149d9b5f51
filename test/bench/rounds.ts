import type { ImageCopies } from "./images.ts";
import { spreadOf } from "./report.ts";
import { benchStages, type SideResult } from "./result.ts";
import type { Measured, Side } from "./sides/side.ts";

/** One side's detections, in the order of the rounds. */
export interface SideRuns {
  readonly side: Side;
  readonly first: Measured[];
  readonly second: Measured[];
}

/**
 * Every round gives each side the same new image, then a second question about it; each round begins with another side.
 * A warm round comes before them and is not counted.
 */
export async function runRounds(
  sides: readonly Side[],
  copies: ImageCopies,
  rounds: number,
  onRound: (round: number) => void,
): Promise<SideRuns[]> {
  const results = sides.map((side): SideRuns => ({ side, first: [], second: [] }));
  for (let round = -1; round < rounds; round++) {
    const { file } = await copies.next();
    const shift = Math.max(0, round) % sides.length;
    for (const one of [...results.slice(shift), ...results.slice(0, shift)]) {
      const first = await one.side.first(file);
      const second = await one.side.second(file);
      if (round < 0) continue;
      one.first.push(first);
      one.second.push(second);
    }
    onRound(round + 1);
  }
  return results;
}

/** A side's runs as medians and spreads. @param reference Holoscope's runs of the same rounds */
export function summarise({ side, first, second }: SideRuns, reference: SideRuns): SideResult {
  const stages = Object.fromEntries(
    benchStages.flatMap((stage) => {
      const values = first.flatMap((run) => run.stages[stage] ?? []);
      return values.length < first.length ? [] : [[stage, spreadOf(values)]];
    }),
  );
  const boxes = first.flatMap((run) => run.firstBoxMs ?? []);
  const peakBytes = side.peakBytes();
  const last = first.at(-1);
  return {
    name: side.name,
    note: side.note,
    stages,
    total: spreadOf(first.map((run) => run.totalMs)),
    ratio: spreadOf(first.map((run, at) => run.totalMs / (reference.first[at]?.totalMs ?? Number.NaN))),
    wall: spreadOf(first.map((run) => run.wallMs)),
    ...(boxes.length < first.length ? {} : { firstBox: spreadOf(boxes) }),
    second: {
      total: spreadOf(second.map((run) => run.totalMs)),
      ofFirst: spreadOf(second.map((run, at) => run.totalMs / (first[at]?.totalMs ?? Number.NaN))),
      reused: [...new Set(second.flatMap((run) => run.reused))],
    },
    ...(peakBytes === undefined ? {} : { peakBytes }),
    ...(last?.imageTokens === undefined ? {} : { imageTokens: last.imageTokens }),
    newTokens: last?.newTokens ?? 0,
    sameAnswers: first.filter((run, at) => run.answer === reference.first[at]?.answer).length,
  };
}
