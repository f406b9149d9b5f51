import path from "node:path";
import type { DetectOverrides, DetectSettings, ModelEntry, Remedy } from "../../../contract/index.ts";

/** One row of the measurement: the baseline, or the baseline with one thing changed. */
export interface Variant {
  readonly id: string;
  readonly remedy: Remedy | "baseline";
  readonly label: string;
  readonly overrides: DetectOverrides;
  /** Replaces the model's own. */
  readonly mmprojPath?: string;
}

/** Another mmproj for the same model, with its tensor types in a few words: "f16, f32". */
export interface OtherMmproj {
  readonly path: string;
  readonly types: string;
}

const tokenBudgets = [640, 1280] as const;
/** The largest budget that the settings allow, so that only the model family's limit applies. */
const wholeImage = 16_384;
const microBatches = [512, 2048, 4096] as const;

/** The baseline and the variants worth comparing with it, ordered so that models are seldom loaded again. */
export function planVariants(
  settings: DetectSettings,
  remedies: readonly Remedy[],
  mmprojs: readonly OtherMmproj[],
): Variant[] {
  const planned: Readonly<Record<Remedy, readonly Variant[]>> = {
    "image-tokens": imageTokenVariants(settings),
    ubatch: microBatches
      .filter((tokens) => tokens !== settings.batchTokens)
      .map((tokens) => ({
        id: `ubatch-${tokens}`,
        remedy: "ubatch",
        label: `micro-batch of ${tokens} tokens`,
        overrides: { batchTokens: tokens },
      })),
    "windowed-attention": [vitVariant(settings)],
    "flash-attention": [flashAttentionVariant(settings)],
    mmproj: mmprojs.map(({ path: mmprojPath, types }) => ({
      id: `mmproj-${path.basename(mmprojPath, ".gguf")}`,
      remedy: "mmproj",
      label: `mmproj ${path.basename(mmprojPath)} (${types})`,
      overrides: {},
      mmprojPath,
    })),
  };
  const order = ["image-tokens", "windowed-attention", "ubatch", "flash-attention", "mmproj"] as const;
  return [
    { id: "baseline", remedy: "baseline", label: "baseline", overrides: {} },
    ...order.filter((remedy) => remedies.includes(remedy)).flatMap((remedy) => planned[remedy]),
  ];
}

function imageTokenVariants({ maxImageTokens }: DetectSettings): Variant[] {
  const limited = tokenBudgets
    .filter((budget) => budget !== maxImageTokens)
    .map((budget) => ({
      id: `image-tokens-${budget}`,
      remedy: "image-tokens" as const,
      label: `at most ${budget} image tokens`,
      overrides: { maxImageTokens: budget },
    }));
  const whole: Variant = {
    id: "image-tokens-full",
    remedy: "image-tokens",
    label: "image as large as the model takes it",
    overrides: { maxImageTokens: wholeImage },
  };
  return maxImageTokens === wholeImage ? limited : [...limited, whole];
}

/** The encoder's path that the baseline does not use; models without windowed layers use "upstream" both times. */
function vitVariant({ vit }: DetectSettings): Variant {
  const other = vit === "windowed" ? "upstream" : "windowed";
  return {
    id: `vit-${other}`,
    remedy: "windowed-attention",
    label: other === "windowed" ? "windowed attention in the encoder" : "encoder as llama.cpp computes it",
    overrides: { vit: other },
  };
}

function flashAttentionVariant({ flashAttention }: DetectSettings): Variant {
  const on = flashAttention === "off";
  return {
    id: on ? "flash-attention-on" : "flash-attention-off",
    remedy: "flash-attention",
    label: `flash attention ${on ? "on" : "off"}`,
    overrides: { flashAttention: on ? "on" : "off" },
  };
}

/** The pair that a variant runs with. */
export function modelOf({ mmprojPath }: Variant, model: ModelEntry): ModelEntry {
  return mmprojPath === undefined ? model : { ...model, mmprojPath };
}
