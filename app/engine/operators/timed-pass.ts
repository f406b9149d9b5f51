import { isDeepStrictEqual } from "node:util";
import {
  HoloscopeError,
  isMeasured,
  type OperatorStage,
  type OperatorTimes,
  type Stage,
} from "../../contract/index.ts";
import { now } from "../clock.ts";
import { throwIfCancelled } from "../errors.ts";
import { tokenCounts } from "../session/session.ts";
import type { Asked } from "../steps/answer.ts";
import type { Run } from "../steps/plan.ts";
import { stageOperators } from "./stage-operators.ts";

export interface PassWatch {
  readonly signal: AbortSignal;
  /** 0..1, not decreasing. */
  readonly onProgress: (fraction: number) => void;
}

/** The pass's progress (0..1) when a stage begins; encode takes longest on almost every machine. */
const begun: Readonly<Record<OperatorStage, number>> = { encode: 0, prefill: 0.5, generate: 0.7 };

/**
 * Repeats a run with a context that waits after each node, and puts the run's own context back. Encoder and language
 * model do the same work as before: the cache begins empty and nothing of the run is used again.
 * Errors: HoloscopeError or NativeError; CANCELLED as soon as the signal fires and the session is told.
 */
export function timeOperators(
  { pair: { session }, call: { settings } }: Run,
  { prepared, answer: { asked, tokenIds } }: Asked,
  stages: readonly Stage[],
  { signal, onProgress }: PassWatch,
): Promise<OperatorTimes> {
  const start = now();
  const timedMs = new Map<OperatorStage, number>();
  const stage = async <T>(name: OperatorStage, work: () => Promise<T>): Promise<T> => {
    throwIfCancelled(signal);
    onProgress(begun[name]);
    const began = now();
    const result = await work();
    timedMs.set(name, now() - began);
    return result;
  };
  if (session.place === "elsewhere")
    throw new HoloscopeError("BAD_REQUEST", "An engine elsewhere does not tell the times of its operators.");
  return session.timingNodes(async (nodesSoFar) => {
    throwIfCancelled(signal);
    const tokens = await session.prepare(prepared.prompt, settings);
    await stage("encode", () => session.encode());
    await stage("prefill", () => session.prefill());
    const answer: number[] = [];
    const { generate } = begun;
    const generated = await stage("generate", () =>
      session.generate({
        ...asked,
        onTokens(group) {
          answer.push(...group.map(({ id }) => id));
          onProgress(Math.min(1, generate + (1 - generate) * (answer.length / Math.max(1, tokenIds.length))));
        },
      }),
    );
    const nodes = await nodesSoFar();
    return {
      passMs: now() - start,
      tokens: tokenCounts(tokens, generated),
      sameAnswer: isDeepStrictEqual(answer, tokenIds),
      stages: [...timedMs].map(([name, profiledMs]) => {
        const unprofiledMs = stages.find((one) => one.stage === name && isMeasured(one))?.ms;
        return stageOperators({ stage: name, unprofiledMs, profiledMs }, nodes);
      }),
    };
  });
}
