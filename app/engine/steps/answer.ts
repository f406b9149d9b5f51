import type { Detection } from "../../contract/index.ts";
import { AnswerCollector } from "../answer/collector.ts";
import { type Stall, StallWatch } from "../answer/stall.ts";
import { now } from "../clock.ts";
import { toHoloscopeError } from "../errors.ts";
import type { Question } from "../families/index.ts";
import { planJumps } from "../session/context.ts";
import type {
  CutAnswer,
  GeneratedElsewhere,
  GenerateOptions,
  GenerateResult,
  Prefilled,
  Session,
} from "../session/session.ts";
import type { Run } from "./plan.ts";
import type { Prepared } from "./prepare.ts";
import type { View } from "./view.ts";

/** What the model wrote, and what was read in it. */
export interface Answer extends Pick<AnswerCollector, "text" | "limitReached" | "dropped" | "merged" | "loop"> {
  /** Elements in px of the source image, in the order they were written. */
  readonly found: readonly Detection[];
  /** Ids of its tokens. */
  readonly tokenIds: readonly number[];
  readonly asked: Omit<GenerateOptions, "onTokens">;
  readonly generated: GenerateResult | GeneratedElsewhere | CutAnswer;
  readonly stall: Stall | undefined;
}

/** All that came of showing the view to the model. */
export interface Asked {
  readonly prepared: Prepared;
  /** Absent for an engine elsewhere, as is `prefilled`. */
  readonly encoded?: Awaited<ReturnType<Session["encode"]>>;
  readonly prefilled?: Prefilled;
  readonly answer: Answer;
}

export interface AnswerListener {
  /** 0..1, not decreasing. */
  progress(fraction: number): void;
  /** Each element of the answer, as soon as its last character is there. */
  found(detection: Detection): void;
}

/** Least time between two progress messages of one generation, ms. */
const progressEveryMs = 50;

/** Has the session write its answer, and reads the elements in it while they are written. */
export async function answer(
  { pair, call, plan }: Run,
  { focus, shown, input }: View,
  question: Question,
  listener: AnswerListener,
): Promise<Answer> {
  const { traits, session, info } = pair;
  const { settings, target = "" } = call;
  const found: Detection[] = [];
  const tokenIds: number[] = [];
  const collector = new AnswerCollector({
    space: traits.space,
    input,
    source: shown,
    template: question.answer,
    calibration: traits.calibration,
    probability: session.place === "elsewhere" ? session.probability : "before-grammar",
    labelColors: traits.labelColors,
    maxDetections: plan.mostElements,
    fallbackLabel: call.mode === "locate" ? target : "element",
    onDetection(inView) {
      const detection = focus.place(inView);
      if (detection === undefined || plan.search?.fits(detection) === false) return;
      found.push(detection);
      listener.found(detection);
    },
  });
  const stalls = new StallWatch();
  const asked = {
    maxTokens: settings.maxNewTokens,
    grammar: question.grammar,
    examples: question.examples ?? [],
    jumpForward: info !== undefined && planJumps(settings, info),
  };
  let reportedAt = 0;
  const generated = await session
    .generate({
      ...asked,
      onTokens(tokens) {
        const taken = tokens.slice(0, collector.push(tokens));
        // What comes after a cut was on its way already.
        if (taken.length === 0) return;
        stalls.push(taken.length);
        tokenIds.push(...taken.map(({ id }) => id));
        if (collector.loop !== undefined) session.cancel();
        const time = now();
        if (time - reportedAt < progressEveryMs) return;
        reportedAt = time;
        listener.progress(Math.min(1, tokenIds.length / asked.maxTokens));
      },
    })
    .catch((error: unknown) => {
      // If the user cancelled too, the stage clock says so after this stage.
      if (collector.loop === undefined || toHoloscopeError(error).code !== "CANCELLED") throw error;
    });
  const { text, limitReached, dropped, merged, loop } = collector;
  const read = { found, text, tokenIds, limitReached, dropped, merged, loop, stall: stalls.stall() };
  if (generated !== undefined && loop === undefined) return { ...read, asked, generated };
  // A second pass, which times operators, is to end where this one was ended.
  const cut = { finish: "loop", tokens: tokenIds.length } as const;
  return { ...read, asked: { ...asked, maxTokens: tokenIds.length }, generated: cut };
}
