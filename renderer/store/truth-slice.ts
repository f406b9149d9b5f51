import type { ImageRef, Truth } from "../../app/contract/index.ts";
import type { DocumentImage, TruthDocument } from "../../app/truth/document.ts";
import { defaultRule, type MatchRule } from "../../app/truth/match.ts";
import type { Doubt } from "../../app/truth/place.ts";

/** What becomes of a known element or a detection when the two are held against each other. */
export const outcomes = ["matched", "missed", "extra"] as const;
export type Outcome = (typeof outcomes)[number];

/** What a truth file leaves open and the user has to say. */
export type TruthQuestion =
  | {
      readonly kind: "unit";
      readonly document: TruthDocument;
      /** Images whose boxes cannot be what their format says; one answer is for all. */
      readonly doubts: readonly [Doubt, ...Doubt[]];
    }
  | {
      readonly kind: "image";
      readonly document: TruthDocument;
      /** Images of the file that are not open; one of them may be the target by another name. */
      readonly images: readonly [DocumentImage, ...DocumentImage[]];
      readonly target: ImageRef;
    };

export interface TruthState {
  /** Ground truth of open images; the host keeps it. */
  readonly byImage: Readonly<Record<string, Truth>>;
  readonly rule: MatchRule;
  /** Outcomes whose boxes are not drawn. */
  readonly hidden: readonly Outcome[];
  /** The mistake that was jumped to: `jump` counts, so that going there again is a change. */
  readonly focus: { readonly mistakeId: string; readonly jump: number } | undefined;
  readonly tablesOpen: boolean;
  /** The first is asked, the others wait. */
  readonly questions: readonly TruthQuestion[];
}

export const initialTruth: TruthState = {
  byImage: {},
  rule: defaultRule,
  hidden: [],
  focus: undefined,
  tablesOpen: false,
  questions: [],
};

/** Forgets the truth of images that are gone, and what was to be asked about them. */
export function withoutTruthOf(state: TruthState, gone: ReadonlySet<string>): TruthState {
  const byImage = Object.fromEntries(Object.entries(state.byImage).filter(([id]) => !gone.has(id)));
  const questions = state.questions.flatMap((question): readonly TruthQuestion[] => {
    if (question.kind === "image") return gone.has(question.target.id) ? [] : [question];
    const [first, ...others] = question.doubts.filter(({ target }) => !gone.has(target.id));
    return first === undefined ? [] : [{ ...question, doubts: [first, ...others] }];
  });
  return { ...state, byImage, questions };
}

/** Takes in what the host says of an image; null if it has no truth. */
export function withTruth(state: TruthState, imageId: string, truth: Truth | null): TruthState {
  const { [imageId]: _before, ...others } = state.byImage;
  return { ...state, byImage: truth === null ? others : { ...others, [imageId]: truth }, focus: undefined };
}
