import {
  type DetectSettings,
  HoloscopeError,
  isMeasured,
  type OpProfile,
  type ProfiledStage,
  type Stage,
} from "../../contract/index.ts";
import { now } from "../clock.ts";
import { throwIfCancelled } from "../errors.ts";
import type { LoadedPair } from "../models.ts";
import { planJumps } from "../plan.ts";
import type { Prepared } from "../preprocess.ts";
import { tokenCounts } from "../token-counts.ts";
import { stageProfile } from "./stage-profile.ts";

/** The run whose profile is wanted, as it ended. */
export interface ProfiledRun {
  readonly prepared: Prepared;
  readonly settings: Pick<DetectSettings, "maxNewTokens" | "jumpForward" | "vit" | "cpuAttention">;
  readonly stages: readonly Stage[];
  /** Ids of the tokens that it wrote. */
  readonly answer: readonly number[];
}

export interface PassWatch {
  readonly signal: AbortSignal;
  /** 0..1, not decreasing. */
  readonly onProgress: (fraction: number) => void;
}

/** Shares of the pass that are over before its stages; encode is the longest almost everywhere. */
const begun: Readonly<Record<ProfiledStage, number>> = { encode: 0, prefill: 0.5, generate: 0.7 };

/**
 * Repeats a run with a context that waits after each node, and puts the run's own context back. Encoder and language
 * model do the same work as before: the cache begins empty and nothing of the run is used again.
 * Errors: HoloscopeError or NativeError; CANCELLED as soon as the signal fires and the session is told.
 */
export async function profilePass(pair: LoadedPair, run: ProfiledRun, watch: PassWatch): Promise<OpProfile> {
  const { session, context } = pair;
  if (context === undefined) throw new HoloscopeError("INTERNAL", "There is no context to profile.");
  const start = now();
  pair.context = undefined;
  try {
    await session.configure({ ...context, profileNodes: true });
    return await profiledPass(pair, run, watch, start);
  } finally {
    await session.configure(context);
    pair.context = context;
  }
}

async function profiledPass(
  { session, info }: LoadedPair,
  run: ProfiledRun,
  { signal, onProgress }: PassWatch,
  start: number,
): Promise<OpProfile> {
  const profiledMs = new Map<ProfiledStage, number>();
  const stage = async <T>(name: ProfiledStage, work: () => Promise<T>): Promise<T> => {
    throwIfCancelled(signal);
    onProgress(begun[name]);
    const began = now();
    const result = await work();
    profiledMs.set(name, now() - began);
    return result;
  };
  throwIfCancelled(signal);
  const { maxNewTokens, vit, cpuAttention } = run.settings;
  const tokens = await session.prepare(run.prepared.prompt);
  await stage("encode", () => session.encode({ vit, cpuAttention }));
  await stage("prefill", () => session.prefill());
  const answer: number[] = [];
  const { generate } = begun;
  const expected = Math.max(1, run.answer.length);
  const generated = await stage("generate", () =>
    session.generate({
      maxTokens: maxNewTokens,
      grammar: run.prepared.question.grammar,
      examples: run.prepared.question.examples ?? [],
      jumpForward: planJumps(run.settings, info),
      onTokens(group) {
        answer.push(...group.map(({ id }) => id));
        onProgress(Math.min(1, generate + (1 - generate) * (answer.length / expected)));
      },
    }),
  );
  const nodes = await session.nodeProfile();
  return {
    passMs: now() - start,
    tokens: tokenCounts(tokens, generated),
    sameAnswer: answer.length === run.answer.length && answer.every((id, index) => id === run.answer[index]),
    stages: [...profiledMs].map(([name, ms]) =>
      stageProfile({ stage: name, unprofiledMs: trueMs(run.stages, name), profiledMs: ms }, nodes),
    ),
  };
}

function trueMs(stages: readonly Stage[], name: ProfiledStage): number | undefined {
  const stage = stages.find(({ stage }) => stage === name);
  return stage === undefined || !isMeasured(stage) ? undefined : stage.ms;
}
