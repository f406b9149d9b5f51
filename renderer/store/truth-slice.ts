import type { Truth } from "../../app/contract/index.ts";
import { defaultRule, type MatchRule } from "../model/truth/match.ts";

/** What becomes of a known element or a detection when the two are held against each other. */
export const outcomes = ["matched", "missed", "extra"] as const;
export type Outcome = (typeof outcomes)[number];

export interface TruthState {
  /** Ground truth of open images; the host keeps it. */
  readonly byImage: Readonly<Record<string, Truth>>;
  readonly rule: MatchRule;
  /** Outcomes whose boxes are not drawn. */
  readonly hidden: readonly Outcome[];
  /** The mistake that was jumped to: `jump` counts, so that going there again is a change. */
  readonly focus: { readonly mistakeId: string; readonly jump: number } | undefined;
  readonly tablesOpen: boolean;
}

export const initialTruth: TruthState = {
  byImage: {},
  rule: defaultRule,
  hidden: [],
  focus: undefined,
  tablesOpen: false,
};

/** Takes in what the host says of an image; null if it has no truth. */
export function withTruth(state: TruthState, imageId: string, truth: Truth | null): TruthState {
  const { [imageId]: _before, ...others } = state.byImage;
  return { ...state, byImage: truth === null ? others : { ...others, [imageId]: truth }, focus: undefined };
}
