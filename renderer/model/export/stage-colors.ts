import type { StageName } from "../../../app/contract/index.ts";

/** Colours of the stages in files that leave the window, light and dark: the same as in styles/tokens.css. */
export const stageColors: Readonly<Record<StageName, readonly [light: string, dark: string]>> = {
  decode: ["#6a5acd", "#a79bf0"],
  preprocess: ["#9a4f8c", "#dd9ad0"],
  encode: ["#0a6fae", "#5fb4ea"],
  prefill: ["#00785a", "#45c9a2"],
  generate: ["#b85200", "#f0a04b"],
  parse: ["#7d6400", "#d8c04f"],
  other: ["#687180", "#9aa4b3"],
};
