import { z } from "zod";

export const profileNames = ["speed", "balanced", "quality"] as const;
export const profileNameSchema = z.enum(profileNames);
export type ProfileName = z.infer<typeof profileNameSchema>;

/** Minimum confidence of each profile, as a model's file names them in place of the profiles' own. */
export const minConfidencesSchema = z.object({
  speed: z.number().min(0).max(1),
  balanced: z.number().min(0).max(1),
  quality: z.number().min(0).max(1),
} satisfies Record<ProfileName, z.ZodType>);
export type MinConfidences = z.infer<typeof minConfidencesSchema>;

export const flashAttentionSchema = z.enum(["auto", "on", "off"]);

export const jumpForwardSchema = z.enum(["auto", "on", "off"]);

export const vitPathSchema = z.enum(["windowed", "upstream"]);

/** Everything that decides how a detection runs. A profile is a full set; any field can be overridden. */
export const detectSettingsSchema = z.object({
  /** Upper limit of image tokens; the image is shrunk to fit. The model family may limit it further. */
  maxImageTokens: z.int().min(4).max(16384),
  maxNewTokens: z.int().min(1).max(8192),
  maxDetections: z.int().min(1).max(500),
  /** Detections below it are kept apart (`belowThreshold`), not thrown away. */
  minConfidence: z.number().min(0).max(1),
  /** Context size in tokens; 0 = just what image, prompt and answer need. */
  contextTokens: z.int().min(0).max(131072),
  /** Logical batch and micro-batch in tokens; 0 = the whole image at once (smaller ones are known to shift boxes). */
  batchTokens: z.int().min(0).max(16384),
  /** Language-model layers on the GPU; -1 = all. */
  gpuLayers: z.int().min(-1).max(1000),
  flashAttention: flashAttentionSchema,
  /**
   * How the windowed layers of Qwen2.5-VL's encoder are computed: inside each window, or as llama.cpp does it, between all
   * patches behind a mask. The same embeddings to rounding; other encoders have no such layers.
   */
  vit: vitPathSchema.default("windowed"),
  /**
   * Attention of a vision encoder on a CPU by Holoscope's own kernel, where flash attention is on and the processor has
   * AVX2, AVX-512 or NEON. The same embeddings to rounding as ggml's kernel: both take keys and values in f16.
   */
  cpuAttention: z.boolean().default(true),
  /**
   * Focus mode: of a screenshot that differs little from the last one detected with the same model and settings, only
   * the changed region is detected and merged with the elements that stand. Faster, but answers may differ from those of
   * a full pass, so it is off unless asked for. Only in mode "detect"; repeats and profiled runs go without it.
   */
  focus: z.boolean().default(false),
  /**
   * Keep the embeddings and the KV cache's part of an image, so that another target, prompt or profile on the same image
   * skips decode, resize, encode and image prefill. Off, and in measured series, every run does everything.
   */
  reuseImage: z.boolean().default(true),
  /** Most MiB of memory for what is kept of recent images (at most eight); 0 keeps nothing. */
  reuseBudgetMb: z.int().min(0).max(65536).default(512),
  /**
   * Tokens that the grammar forces, and those between the parts of an answer that change, are decoded several at a time.
   * Each is kept only if greedy decoding would have chosen it, so the answer is the same but for rounding. "auto": where
   * the whole language model is on a GPU; on a CPU a call with several tokens takes as long as several calls, or longer.
   */
  jumpForward: jumpForwardSchema.default("auto"),
  /**
   * Of several queued detections, decode and resize the next one's image while the present one's answer is generated.
   * Stages done so are marked as overlapped. Measured series and profiled runs go without it.
   */
  prefetch: z.boolean().default(true),
  /** CPU threads for encode and prefill; 0 = physical cores. */
  threads: z.int().min(0).max(512),
  /** CPU threads for generation; 0 = chosen by model size (small models run best on one). */
  generateThreads: z.int().min(0).max(512),
});
export type DetectSettings = z.infer<typeof detectSettingsSchema>;

const { vit, cpuAttention, focus, reuseImage, reuseBudgetMb, jumpForward, prefetch } = detectSettingsSchema.shape;
/** Made of the schemas below the defaults: zod 4 fills those in for absent optional fields too. */
export const detectOverridesSchema = detectSettingsSchema
  .extend({
    vit: vit.unwrap(),
    cpuAttention: cpuAttention.unwrap(),
    focus: focus.unwrap(),
    reuseImage: reuseImage.unwrap(),
    reuseBudgetMb: reuseBudgetMb.unwrap(),
    jumpForward: jumpForward.unwrap(),
    prefetch: prefetch.unwrap(),
  })
  .partial();
export type DetectOverrides = z.infer<typeof detectOverridesSchema>;

const common = {
  contextTokens: 0,
  batchTokens: 0,
  gpuLayers: -1,
  flashAttention: "auto",
  vit: "windowed",
  cpuAttention: true,
  focus: false,
  reuseImage: true,
  reuseBudgetMb: 512,
  jumpForward: "auto",
  prefetch: true,
  threads: 0,
  generateThreads: 0,
} as const;

/**
 * Limits of the answer are wide, so that a full screen is listed whole; speed comes from fewer image tokens.
 * The original service's narrower limits hold for its clients only (see parse-service.ts).
 */
export const profiles: Readonly<Record<ProfileName, DetectSettings>> = {
  speed: { ...common, maxImageTokens: 640, maxNewTokens: 1024, maxDetections: 100, minConfidence: 0.3 },
  balanced: { ...common, maxImageTokens: 1280, maxNewTokens: 2048, maxDetections: 200, minConfidence: 0.25 },
  quality: { ...common, maxImageTokens: 2880, maxNewTokens: 4096, maxDetections: 400, minConfidence: 0.2 },
};

/**
 * A profile with overrides laid over it; undefined fields keep the profile's value.
 * @param model what the model's own file says: goes before the profile, not before the overrides.
 */
export function resolveSettings(
  profile: ProfileName,
  overrides: DetectOverrides = {},
  model: { readonly minConfidence?: MinConfidences | undefined } = {},
): DetectSettings {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  const own = model.minConfidence === undefined ? {} : { minConfidence: model.minConfidence[profile] };
  return detectSettingsSchema.parse({ ...profiles[profile], ...own, ...given });
}
