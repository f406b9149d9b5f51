import type { CSSProperties } from "react";
import type { OpCategory } from "../../../app/contract/index.ts";

/** Number of the series whose colour a category has: in full for the costly ones, as a tint for the small ones. */
const full: Partial<Record<OpCategory, number>> = {
  ffn: 1,
  attention: 2,
  "delta-net": 2,
  qkv: 3,
  "attention-output": 4,
  norm: 5,
  merger: 6,
  "lm-head": 6,
  rope: 7,
};
const tints: Partial<Record<OpCategory, number>> = {
  layout: 1,
  "kv-store": 3,
  residual: 5,
  "patch-embedding": 6,
  "token-embedding": 6,
};

/** Background of a category, and the colour of text upon it. */
export function categoryColors(category: OpCategory): CSSProperties {
  const tint = tints[category];
  return tint === undefined
    ? { background: `var(--series-${full[category] ?? 8})`, color: "var(--stage-ink)" }
    : { background: `color-mix(in srgb, var(--series-${tint}) 40%, var(--surface-panel))`, color: "var(--ink)" };
}
