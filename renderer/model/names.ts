import type {
  Backend,
  BackendChoice,
  ConfidenceSource,
  Detection,
  FocusOutcome,
  Phase,
  ProfileName,
  StageName,
  Warning,
} from "../../app/contract/index.ts";

/** What is shown for the contract's words. */
export const backendNames: Readonly<Record<BackendChoice, string>> = {
  auto: "Auto",
  cuda: "CUDA",
  metal: "Metal",
  vulkan: "Vulkan",
  cpu: "CPU",
};

export function backendName(backend: Backend): string {
  return backendNames[backend];
}

export const profileTexts: Readonly<Record<ProfileName, string>> = {
  speed: "Speed",
  balanced: "Balanced",
  quality: "Quality",
};

export const phaseTexts: Readonly<Record<Phase, string>> = {
  queued: "Waiting for its turn",
  starting: "Starting the engine",
  loading: "Loading the model",
  decode: "Decoding the image",
  preprocess: "Preparing the image",
  encode: "Encoding the image",
  prefill: "Reading image and prompt",
  generate: "Writing elements",
  parse: "Finishing",
  profile: "Profiling operators",
};

export const stageTexts: Readonly<Record<StageName, { readonly name: string; readonly what: string }>> = {
  decode: { name: "Decode", what: "Image file to pixels" },
  preprocess: { name: "Preprocess", what: "Resize to the model's input, tokenise the prompt" },
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
  MAX_DETECTIONS: "Detection limit reached",
  BELOW_MIN_CONFIDENCE: "Low confidence kept apart",
  BOX_DROPPED: "Box dropped",
  ANIMATED_FIRST_FRAME: "Animated image",
  FEW_IMAGE_TOKENS: "Few image tokens",
  GENERATION_STALLED: "Generation stalled",
  BACKEND_FALLBACK: "Other backend used",
  CONTEXT_RAISED: "Context raised",
  PROFILE_FAILED: "Not profiled",
  NOT_SAVED: "Run not saved",
};

/** How a confidence came about, as the end of a sentence. */
export const confidenceSourceTexts: Readonly<Record<ConfidenceSource, string>> = {
  "token-probability": "computed from token probabilities",
  calibrated: "computed from token probabilities, calibrated on held-out screens",
};

/** Of all elements of a run, which come from one model. */
export function confidenceSourceOf(elements: readonly Pick<Detection, "confidenceSource">[]): ConfidenceSource {
  return elements[0]?.confidenceSource ?? "token-probability";
}
