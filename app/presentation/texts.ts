import {
  type ConfidenceSource,
  type Detection,
  type EvidenceTopic,
  type FocusOutcome,
  generalSettings,
  type KeptData,
  type ModelFit,
  type Phase,
  type RefineStep,
  type RemovedData,
  type RunBackend,
  type Severity,
  type Source,
  type SourceKind,
  type StageName,
  type TryRow,
  type Warning,
} from "../contract/index.ts";
import { formatBytes, formatConfidence, formatMs, formatRatio, formatSize, plural } from "./numbers.ts";
import { choiceWords } from "./settings.ts";

/** What is shown for the contract's words. */
export const backendNames = choiceWords(generalSettings.backend);

export function backendName(backend: RunBackend): string {
  return backend === "remote" ? "Elsewhere" : backendNames[backend];
}

export const profileTexts = choiceWords(generalSettings.profile);

export const phaseTexts: Readonly<Record<Phase, string>> = {
  queued: "Waiting for its turn",
  starting: "Starting the engine",
  loading: "Loading the model",
  decode: "Decoding the image",
  preprocess: "Preparing the image",
  upload: "Sending the image",
  queue: "Waiting for the server",
  encode: "Encoding the image",
  prefill: "Reading image and prompt",
  generate: "Writing elements",
  parse: "Finishing",
  profile: "Profiling operators",
};

export const stageTexts: Readonly<Record<StageName, { readonly name: string; readonly what: string }>> = {
  decode: { name: "Decode", what: "Image file to pixels" },
  preprocess: { name: "Preprocess", what: "Resize to the model's input, tokenise the prompt" },
  upload: { name: "Upload", what: "Image and prompt to the engine elsewhere" },
  queue: { name: "Queue", what: "Waiting for the engine elsewhere, as it tells" },
  encode: { name: "Encode", what: "Vision encoder: pixels to image tokens" },
  prefill: { name: "Prefill", what: "Language model reads image and prompt" },
  generate: { name: "Generate", what: "Language model writes the answer" },
  parse: { name: "Parse", what: "What remains of reading the answer" },
  other: { name: "Other", what: "Total minus all measured stages" },
};

/** What focus mode did. */
export const focusTexts: Readonly<Record<FocusOutcome, string>> = {
  cropped: "changed region only",
  full: "full pass",
  unchanged: "unchanged",
};

export const warningTitles: Readonly<Record<Warning["code"], string>> = {
  OFF_TRAINING: "Off the model's training",
  ANSWER_TRUNCATED: "Answer cut short",
  ANSWER_LOOPED: "Answer went round in circles",
  MAX_DETECTIONS: "Detection limit reached",
  BELOW_MIN_CONFIDENCE: "Low confidence kept apart",
  BOX_DROPPED: "Box dropped",
  BOX_MERGED: "Repeated boxes merged",
  SHRUNK: "Screen shrunk for the model",
  ANIMATED_FIRST_FRAME: "Animated image",
  FEW_IMAGE_TOKENS: "Few image tokens",
  GENERATION_STALLED: "Generation stalled",
  BACKEND_FALLBACK: "Other backend used",
  CONTEXT_RAISED: "Context raised",
  PROFILE_FAILED: "Not profiled",
  NOT_SAVED: "Run not saved",
};

/** The first sentence of a message, without its full stop. Decimal points do not end it. */
export function firstSentence(message: string): string {
  const end = message.search(/\.(?:\s|$)/);
  return end < 0 ? message : message.slice(0, end);
}

/** How a confidence came about, as the end of a sentence. */
export const confidenceSourceTexts: Readonly<Record<ConfidenceSource, string>> = {
  "token-probability": "computed from token probabilities",
  calibrated: "computed from token probabilities, calibrated on held-out screens",
  "after-grammar": "computed from token probabilities after the grammar, which makes them higher",
  unavailable: "not told by the engine",
};

/** Of all elements of a run, which come from one model. */
export function confidenceSourceOf(elements: readonly Pick<Detection, "confidenceSource">[]): ConfidenceSource {
  return elements[0]?.confidenceSource ?? "token-probability";
}

/** 0..1; undefined where the engine tells none, so that nothing is shown or written as if it were one. */
export function toldConfidence(element: Pick<Detection, "confidence" | "confidenceSource">): number | undefined {
  return element.confidenceSource === "unavailable" ? undefined : element.confidence;
}

/** With two decimals, or a dash. */
export function confidenceText(element: Pick<Detection, "confidence" | "confidenceSource">): string {
  const told = toldConfidence(element);
  return told === undefined ? "–" : formatConfidence(told);
}

/** How a verdict reads on a badge. */
export const fitTexts: Readonly<Record<ModelFit["verdict"], string>> = {
  gpu: "Fits the GPU",
  "gpu-partly": "GPU in part",
  cpu: "Fits memory (CPU)",
  "too-large": "Too large",
};

/** "needs about 6.0 GB; GPU 24.0 GB, memory 64.0 GB". */
export function fitFigures({ needBytes, gpuBytes, ramBytes }: ModelFit): string {
  const gpu = gpuBytes === undefined ? "no GPU seen yet" : `GPU ${formatBytes(gpuBytes)}`;
  return `needs about ${formatBytes(needBytes)}; ${gpu}, memory ${formatBytes(ramBytes)}`;
}

export const topicTexts: Readonly<Record<EvidenceTopic, string>> = {
  machine: "Machine",
  backends: "Backends",
  model: "Model files",
  placement: "Placement and memory",
  "engine-log": "Engine log",
  run: "Probing detection",
};

export const severityTexts: Readonly<Record<Severity, string>> = {
  problem: "Problem",
  warning: "Warning",
  advice: "Advice",
  fine: "Fine",
};

const sourceTexts: Readonly<Record<SourceKind, string>> = {
  "engine-log": "engine log",
  engine: "engine",
  gguf: "GGUF header",
  run: "run",
  measurement: "measured",
  system: "operating system",
  driver: "driver",
  probe: "probe",
  settings: "settings",
  "llama.cpp": "llama.cpp source",
  estimate: "estimate",
};

export function sourceText({ kind, detail }: Source): string {
  const name = sourceTexts[kind];
  return detail === `the ${name}` ? name : `${name}: ${detail}`;
}

/** The time against the baseline: "0.45× (0.44–0.46)", with what the spread says. */
export function ratioText({ ratio, significant }: TryRow): string {
  if (ratio === undefined) return "–";
  const range = `${formatRatio(ratio.median)} (${ratio.p5.toFixed(2)}–${ratio.p95.toFixed(2)})`;
  return significant === false ? `${range}, within noise` : range;
}

/** What kinds of things are kept of detections, as they are listed. */
export const keptNames: Readonly<Record<keyof KeptData, string>> = {
  images: "Screenshots",
  runs: "Runs",
  truth: "Ground truth",
  trash: "Deleted runs that can be brought back",
};

/** "2 screenshots and 5 runs, 3.1 MB" */
export function removedFigures({ images, runs, bytes }: RemovedData): string {
  return `${plural(images, "screenshot")} and ${plural(runs, "run")}, ${formatBytes(bytes)}`;
}

/** "960 × 540 px at 480, 270, seen as 1,512 × 840 px: found at 700, 412, 812 ms" */
export function lookText({ crop: [x1, y1, x2, y2], input, bbox, ms }: RefineStep): string {
  const shown = `${formatSize({ width: x2 - x1, height: y2 - y1 })} at ${x1}, ${y1}, seen as ${formatSize(input)}`;
  const found =
    bbox === undefined
      ? "nothing found"
      : `found at ${Math.round((bbox[0] + bbox[2]) / 2)}, ${Math.round((bbox[1] + bbox[3]) / 2)}`;
  return `${shown}: ${found}, ${formatMs(ms)}`;
}
