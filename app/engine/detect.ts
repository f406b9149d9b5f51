import { type Detection, defined, type EngineResult, type Phase, type Stage } from "../contract/index.ts";
import { StageClock, type StageDetails } from "./clock.ts";
import { throwIfCancelled, toHoloscopeError } from "./errors.ts";
import { openImage } from "./image/decode.ts";
import type { AskedModel, ModelHolder } from "./models.ts";
import { timeOperators } from "./operators/timed-pass.ts";
import type { Prefetcher } from "./prefetch.ts";
import type { Prefilled } from "./session/session.ts";
import { type AnswerListener, type Asked, answer } from "./steps/answer.ts";
import { askElsewhere } from "./steps/ask-elsewhere.ts";
import { elementId, finish } from "./steps/finish.ts";
import { type DetectCall, type LocalCall, planRun, type Run } from "./steps/plan.ts";
import { prepare } from "./steps/prepare.ts";
import { type Looked, refine } from "./steps/refine.ts";
import { lookAt, pixelDetails, type View } from "./steps/view.ts";

/** Where a detection reports while it runs. */
export interface DetectListener {
  progress(phase: Phase, fraction?: number): void;
  stage(stage: Stage): void;
  /** Each element of at least the minimum confidence, as soon as it is written. */
  detection(detection: Detection): void;
}

/**
 * One detection from file to elements: plan, view, prepare, encode, prefill, answer, finish. Loading the model is not
 * part of its time: the clock starts when the pair is there. Errors: HoloscopeError or NativeError; CANCELLED as soon as
 * the signal fires.
 */
export async function detect(
  models: Pick<ModelHolder, "loaded" | "load">,
  call: LocalCall,
  listener: DetectListener,
  signal: AbortSignal,
  prefetcher: Prefetcher,
): Promise<EngineResult> {
  const present = await models.loaded(call.pair, call.settings);
  // Whatever can be refused without the weights is refused before they are loaded.
  const file = present === undefined ? await openImage(call.imagePath) : undefined;
  const pair =
    present ??
    (await models.load(call.pair, call.settings, {
      signal,
      check(traits) {
        planRun(traits, call);
        listener.progress("loading", 0);
      },
      onProgress: (fraction) => listener.progress("loading", fraction),
    }));
  return detectWith(pair, call, listener, signal, (run) => lookAt(run, file, prefetcher.take(call.imageId)));
}

/**
 * A detection by a model that is ready to be asked. Errors: as {@link detect}.
 * @param look decodes the image
 */
export async function detectWith(
  model: AskedModel,
  call: DetectCall,
  listener: DetectListener,
  signal: AbortSignal,
  look: (run: Run) => Promise<View> = (run) => lookAt(run, undefined, undefined),
): Promise<EngineResult> {
  const run: Run = { pair: model, call, plan: planRun(model.traits, call) };
  const stop = (): void => model.session.cancel();
  signal.addEventListener("abort", stop);
  try {
    throwIfCancelled(signal);
    return await runSteps(run, () => look(run), listener, signal);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function runSteps(
  run: Run,
  look: () => Promise<View>,
  listener: DetectListener,
  signal: AbortSignal,
): Promise<EngineResult> {
  const { pair, call } = run;
  const clock = new StageClock(listener, signal);
  let shown = 0;
  const show = (element: Detection): void => {
    if (element.confidence >= call.settings.minConfidence) listener.detection({ ...element, id: elementId(shown++) });
  };
  const view = await clock.measure("decode", look, (view) => pixelDetails(view, view.ahead?.decodeMs));
  for (const element of view.focus.kept) show(element);
  let firstDetectionMs: number | undefined;
  let looked: Looked | undefined;
  if (view.focus.view === undefined) clock.reuse(["preprocess", "encode", "prefill", "generate"]);
  else {
    const onAnswer: AnswerListener = {
      progress: (fraction) => listener.progress("generate", fraction),
      found(element) {
        firstDetectionMs ??= clock.elapsed();
        // Of a refined search each answer takes the place of the one before.
        if (run.plan.refinements > 0) shown = 0;
        show(element);
      },
    };
    looked = await refine(run, view, (part) => ask(run, part, clock, onAnswer));
  }
  const asked = looked?.asked;
  const finished = await clock.measure("parse", () => finish(run, looked?.view ?? view, asked));
  const result = {
    ...finished,
    ...defined({
      firstDetectionMs,
      tokens: looked?.tokens,
      refinement: run.plan.refinements > 0 ? looked?.steps : undefined,
    }),
    ...clock.finish(),
    ...(pair.session.place === "here" ? { memory: pair.session.memory() } : { endpoint: pair.session.told().endpoint }),
  };
  if (asked === undefined || call.profileOps !== true) return result;
  return { ...result, ...(await timeOperatorsIfPossible(run, asked, result, listener, signal)) };
}

/** Shows the view to the model and reads its answer. */
async function ask(run: Run, view: View, clock: StageClock, listener: AnswerListener): Promise<Asked> {
  const { session } = run.pair;
  if (session.place === "elsewhere") return askElsewhere(run, session, view, clock, listener);
  const prepared = await clock.measure(
    "preprocess",
    () => prepare(run, view),
    ({ resizedAheadMs }) => pixelDetails(view, resizedAheadMs),
  );
  const encoded = await clock.measure(
    "encode",
    () => session.encode(),
    ({ reused }) => (reused ? { reused } : {}),
  );
  const prefilled = await clock.measure("prefill", () => session.prefill(), prefillDetails);
  const { question } = prepared;
  const answered = await clock.measure("generate", () => answer(run, view, question, listener));
  return { prepared, encoded, prefilled, answer: answered };
}

/** With a kept KV prefix only the text is left, after the prefix is brought back where it was no longer in the cache. */
function prefillDetails({ imageMs, textMs, reuse }: Prefilled): StageDetails {
  const text = { name: "text", ms: textMs };
  if (reuse?.kind !== "kvPrefix") return { parts: [{ name: "image", ms: imageMs }, text] };
  return { reused: true, parts: reuse.restoreMs > 0 ? [{ name: "restore", ms: reuse.restoreMs }, text] : [text] };
}

/** The operator times, or a warning in their place: what was detected must not be lost with them. Errors: CANCELLED only. */
async function timeOperatorsIfPossible(
  run: Run,
  asked: Asked,
  { stages, warnings }: Pick<EngineResult, "stages" | "warnings">,
  listener: DetectListener,
  signal: AbortSignal,
): Promise<Pick<EngineResult, "opProfile"> | Pick<EngineResult, "warnings">> {
  const onProgress = (fraction: number): void => listener.progress("profile", fraction);
  try {
    return { opProfile: await timeOperators(run, asked, stages, { signal, onProgress }) };
  } catch (error) {
    throwIfCancelled(signal);
    const message = `The operators could not be profiled: ${toHoloscopeError(error).message}`;
    return { warnings: [...warnings, { code: "PROFILE_FAILED", message }] };
  }
}
