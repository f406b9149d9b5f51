import type { GeneratedToken, GenerateResult, NativeLibrary, Prefilled } from "../../native/index.ts";
import {
  type Detection,
  type EngineRequest,
  type EngineResult,
  HoloscopeError,
  type Mode,
  type Phase,
  type Stage,
  type Warning,
} from "../contract/index.ts";
import { AnswerCollector } from "./answer/collector.ts";
import { StageClock, type StageDetails } from "./clock.ts";
import { throwIfCancelled, toHoloscopeError } from "./errors.ts";
import type { ModelTraits } from "./families/index.ts";
import { byConfidence, focusOn, viewSettings, wholeImageTokens } from "./focus/focus.ts";
import { unchangedResult } from "./focus/unchanged.ts";
import { openImage } from "./image/decode.ts";
import { inspectPair } from "./inspect.ts";
import type { LoadedPair, ModelHolder } from "./models.ts";
import { planJumps } from "./plan.ts";
import type { Prefetcher } from "./prefetch.ts";
import { type Prepared, preprocess } from "./preprocess.ts";
import { type PassWatch, type ProfiledRun, profilePass } from "./profile/profile-pass.ts";
import { inputSize, openSource, type SourceImage } from "./source.ts";
import { StallWatch } from "./stall.ts";
import { tokenCounts } from "./token-counts.ts";
import { warningsFor } from "./warnings.ts";

export type DetectCall = Extract<EngineRequest, { type: "detect" }>;

/** Where a detection reports while it runs. */
export interface DetectListener {
  progress(phase: Phase, fraction?: number): void;
  stage(stage: Stage): void;
  /** Each element of at least the minimum confidence, as soon as it is written. */
  detection(detection: Detection): void;
}

/**
 * One detection from file to elements. Loading the model is not part of its time: the clock starts when the pair is
 * there. Errors: HoloscopeError or NativeError; CANCELLED as soon as the signal fires.
 */
export async function detect(
  library: NativeLibrary,
  models: ModelHolder,
  call: DetectCall,
  listener: DetectListener,
  signal: AbortSignal,
  prefetcher: Prefetcher,
): Promise<EngineResult> {
  const pair =
    (await models.loaded(call.pair, call.settings)) ?? (await loadFor(library, models, call, listener, signal));
  const target = checkMode(pair.traits, call.mode, call.target);
  const stop = (): void => pair.session.cancel();
  signal.addEventListener("abort", stop);
  try {
    throwIfCancelled(signal);
    return await run(library, pair, call, target, listener, signal, prefetcher);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Loads the pair, after everything that can be refused without it has been looked at. */
async function loadFor(
  library: NativeLibrary,
  models: ModelHolder,
  call: DetectCall,
  listener: DetectListener,
  signal: AbortSignal,
): Promise<LoadedPair> {
  await openImage(call.imagePath);
  const { traits } = await inspectPair(library, call.pair);
  checkMode(traits, call.mode, call.target);
  listener.progress("loading", 0);
  return models.load(call.pair, call.settings, {
    signal,
    onProgress: (fraction) => listener.progress("loading", fraction),
  });
}

/** The target ("" when detecting), looked at as far as the model's traits can. Errors: MODE_UNSUPPORTED, BAD_REQUEST. */
function checkMode(traits: ModelTraits, mode: Mode, target = ""): string {
  if (traits.modes[mode] === "unsupported") {
    const what = mode === "locate" ? "locate a described target" : "detect all elements";
    throw new HoloscopeError("MODE_UNSUPPORTED", `This model cannot ${what}.`, traits.modeNotes[mode]);
  }
  if (mode === "locate" && target.trim() === "") {
    throw new HoloscopeError("BAD_REQUEST", "There is no target to locate.", "Describe the element to look for.");
  }
  if (mode === "locate") traits.search?.(target);
  return target;
}

/** Elements among which a target is looked for, at least. */
const mostSearched = 200;

async function run(
  library: NativeLibrary,
  pair: LoadedPair,
  call: DetectCall,
  target: string,
  listener: DetectListener,
  signal: AbortSignal,
  prefetcher: Prefetcher,
): Promise<EngineResult> {
  const { session, traits } = pair;
  const { settings, mode } = call;
  const search = mode === "locate" ? traits.search?.(target) : undefined;
  // A search sees the whole screen, however few elements are asked for.
  const mostElements = search === undefined ? settings.maxDetections : Math.max(settings.maxDetections, mostSearched);
  const clock = new StageClock((stage) => listener.stage(stage));
  const step = <T>(
    stage: Parameters<typeof clock.measure>[0],
    work: () => T | Promise<T>,
    describe?: (result: T) => StageDetails,
  ) => {
    throwIfCancelled(signal);
    listener.progress(stage);
    return clock.measure(stage, work, describe);
  };

  // A profiled run is compared with a pass that does everything, so it does so too; focus mode compares pixels.
  const plain = call.fresh !== true && call.profileOps !== true && call.focus === undefined;
  const mayReuse = settings.reuseImage && plain;
  const mayOverlap = settings.prefetch && plain;
  const ahead = prefetcher.take(call.imagePath);
  const { source, image, focus } = await step(
    "decode",
    async () => {
      const source = await openSource(pair, settings, call.imagePath, mayReuse, mayOverlap ? ahead : undefined);
      const image = source.pixels ?? { ...source.seen, rgb: new Uint8Array(0) };
      return { source, image, focus: await focusOn(call.focus, image, traits.sizing) };
    },
    ({ source }) => imageDetails(source, source.ahead?.decodeMs),
  );
  const { frames } = source.seen;
  for (const element of focus.kept) if (element.confidence >= settings.minConfidence) listener.detection(element);
  const { view } = focus;
  if (view === undefined) {
    clock.reuse(["preprocess", "encode", "prefill", "generate"]);
    const facts = { image, frames, prompt: traits.question(mode, target, mostElements).prompt };
    const rest = await step("parse", () => unchangedResult(library, pair, settings, focus, facts));
    return { ...rest, ...clock.finish(), memory: copyMemory(session.memory()) };
  }
  const given =
    view === image
      ? source
      : {
          seen: source.seen,
          input: inputSize(traits.sizing, viewSettings(settings, traits.sizing, image, focus), view),
          pixels: view,
        };
  const prepared = await step(
    "preprocess",
    () => preprocess(library, pair, settings, given, traits.question(mode, target, mostElements)),
    ({ resizedAheadMs }) => imageDetails(given, resizedAheadMs),
  );
  const { vit, cpuAttention } = await step(
    "encode",
    () => session.encode({ vit: settings.vit, cpuAttention: settings.cpuAttention }),
    ({ reused }) => (reused ? { reused } : {}),
  );
  const { reuse } = await step("prefill", () => session.prefill(), prefillDetails);

  const found: Detection[] = [];
  let firstDetectionMs: number | undefined;
  const collector = new AnswerCollector({
    space: traits.space,
    input: prepared.input,
    source: { width: view.width, height: view.height },
    calibration: traits.calibration,
    labelColors: traits.labelColors,
    maxDetections: mode === "locate" && search === undefined ? 1 : mostElements,
    fallbackLabel: mode === "locate" ? target : "element",
    onDetection(inView) {
      const detection = focus.place(inView);
      if (detection === undefined || search?.fits(detection) === false) return;
      firstDetectionMs ??= clock.elapsed();
      found.push(detection);
      if (detection.confidence >= settings.minConfidence) listener.detection(detection);
    },
  });
  const stalls = new StallWatch();
  const jumpForward = planJumps(settings, pair.info);
  const answer: number[] = [];
  const generated = await step("generate", () =>
    generate(pair, call, { prepared, jumpForward }, listener, (tokens) => {
      collector.push(tokens);
      stalls.push(tokens.length);
      answer.push(...tokens.map(({ id }) => id));
    }),
  );
  const { detections, belowThreshold, warnings } = await step("parse", () => {
    const merged = byConfidence(focus.merge(found), settings);
    const chosen = search?.choose(merged.detections, image);
    const located = search === undefined ? {} : { detections: chosen === undefined ? [] : [chosen] };
    const warnings = warningsFor({
      traits,
      mode,
      settings,
      frames,
      imageTokens: wholeImageTokens(prepared.tokens.imageTokens, image, view),
      raisedContext: prepared.raisedContext,
      truncated: generated.finish === "length",
      limitReached: collector.limitReached,
      dropped: collector.dropped,
      belowThreshold: merged.belowThreshold.length,
      stall: stalls.stall(),
    });
    return { ...merged, ...located, warnings };
  });
  const { totalMs, stages } = clock.finish();
  const result: EngineResult = {
    stages,
    totalMs,
    ...(firstDetectionMs === undefined ? {} : { firstDetectionMs }),
    tokens: tokenCounts(prepared.tokens, generated),
    input: prepared.input,
    prompt: prepared.question.prompt,
    rawOutput: collector.text,
    detections,
    belowThreshold,
    warnings,
    effective: { ...prepared.effective, vit, cpuAttention, jumpForward },
    ...(reuse === undefined ? {} : { reuse: { kind: reuse.kind, bytes: reuse.bytes } }),
    model: pair.info,
    memory: copyMemory(session.memory()),
    ...(focus.report === undefined ? {} : { focus: focus.report }),
  };
  if (call.profileOps !== true) return result;
  const finished = { prepared, settings, stages, answer };
  const onProgress = (fraction: number): void => listener.progress("profile", fraction);
  return { ...result, ...(await profileIfPossible(pair, finished, warnings, { signal, onProgress })) };
}

/** Of decode and preprocess, whose work is the pixels. */
function imageDetails({ pixels, ahead }: SourceImage, aheadMs: number | undefined): StageDetails {
  if (ahead !== undefined) return { overlappedMs: aheadMs };
  return pixels === undefined ? { reused: true } : {};
}

/** With a kept KV prefix only the text is left, and bringing the prefix back where it was not in the cache any more. */
function prefillDetails({ imageMs, textMs, reuse }: Prefilled): StageDetails {
  const text = { name: "text", ms: textMs };
  if (reuse?.kind !== "kvPrefix") return { parts: [{ name: "image", ms: imageMs }, text] };
  return { reused: true, parts: reuse.restoreMs > 0 ? [{ name: "restore", ms: reuse.restoreMs }, text] : [text] };
}

/** The profile, or a warning in its place: what was detected must not be lost with it. Errors: CANCELLED only. */
async function profileIfPossible(
  pair: LoadedPair,
  finished: ProfiledRun,
  warnings: readonly Warning[],
  watch: PassWatch,
): Promise<Pick<EngineResult, "opProfile"> | Pick<EngineResult, "warnings">> {
  try {
    return { opProfile: await profilePass(pair, finished, watch) };
  } catch (error) {
    throwIfCancelled(watch.signal);
    const message = `The operators could not be profiled: ${toHoloscopeError(error).message}`;
    return { warnings: [...warnings, { code: "PROFILE_FAILED", message }] };
  }
}

/** Least time between two progress messages of one generation, ms. */
const progressEveryMs = 50;

async function generate(
  pair: LoadedPair,
  call: DetectCall,
  { prepared, jumpForward }: { readonly prepared: Prepared; readonly jumpForward: boolean },
  listener: DetectListener,
  take: (tokens: readonly GeneratedToken[]) => void,
): Promise<GenerateResult> {
  const { maxNewTokens } = call.settings;
  let tokens = 0;
  let reportedAt = 0;
  return pair.session.generate({
    maxTokens: maxNewTokens,
    grammar: prepared.question.grammar,
    examples: prepared.question.examples ?? [],
    jumpForward,
    onTokens(group) {
      take(group);
      tokens += group.length;
      const time = performance.now();
      if (time - reportedAt < progressEveryMs) return;
      reportedAt = time;
      listener.progress("generate", Math.min(1, tokens / maxNewTokens));
    },
  });
}

function copyMemory(memory: ReturnType<LoadedPair["session"]["memory"]>): EngineResult["memory"] {
  return {
    languageModel: memory.languageModel.map((item) => ({ ...item })),
    visionEncoder: memory.visionEncoder.map((item) => ({ ...item })),
    keptImages: memory.keptImages,
    residentBytes: memory.residentBytes,
  };
}
