import { type EngineRequest, HoloscopeError, type Size } from "../../contract/index.ts";
import type { KindSearch } from "../families/by-kind.ts";
import type { ModelTraits, Question } from "../families/index.ts";
import type { AskedModel } from "../models.ts";

export type DetectCall = Extract<EngineRequest, { type: "detect" }>;
/** A detection by a model of this machine. */
export type LocalCall = DetectCall & { readonly pair: NonNullable<DetectCall["pair"]> };

/** What one detection asks the model, and what it may share with other runs. */
export interface Plan {
  /** @param input px that the vision encoder receives */
  question(input: Size): Question;
  /** Present if the model lists all elements and the target is then chosen among them. */
  readonly search: KindSearch | undefined;
  /** The model's list ends after this many elements. */
  readonly mostElements: number;
  /** How often a target is located again in a crop around the answer. */
  readonly refinements: number;
  /** Whether embeddings and KV cache of earlier runs on the image may be used, and left for later ones. */
  readonly mayReuse: boolean;
  /** Whether the image may have been prepared beside the run before. */
  readonly mayOverlap: boolean;
}

/** What every step of a detection is given. */
export interface Run {
  readonly pair: AskedModel;
  readonly call: DetectCall;
  readonly plan: Plan;
}

/** The list is at least this long when a target is chosen from it: the target may be its last element. */
const mostSearched = 200;

/** Plans a detection from what is known before the weights are loaded. Errors: MODE_UNSUPPORTED, BAD_REQUEST. */
export function planRun(traits: ModelTraits, call: DetectCall): Plan {
  const { mode, target = "", settings } = call;
  if (traits.modes[mode] === "unsupported") {
    const what = mode === "locate" ? "locate a described target" : "detect all elements";
    throw new HoloscopeError("MODE_UNSUPPORTED", `This model cannot ${what}.`, traits.modeNotes[mode]);
  }
  if (mode === "locate" && target.trim() === "") {
    throw new HoloscopeError("BAD_REQUEST", "There is no target to locate.", "Describe the element to look for.");
  }
  const search = mode === "locate" ? traits.search?.(target) : undefined;
  const mostElements = search === undefined ? settings.maxDetections : Math.max(settings.maxDetections, mostSearched);
  // A run whose operators are timed is compared with a pass that does everything; focus mode compares pixels.
  // Where the target is chosen from a list, a crop around it would only lack what it is told from.
  const refinements = mode === "locate" && search === undefined && call.profileOps !== true ? settings.refine : 0;
  // A refined search needs the pixels of the image.
  const alone = call.fresh === true || call.profileOps === true || call.focus !== undefined || refinements > 0;
  return {
    question: (input) => traits.question(mode, target, mostElements, input),
    search,
    mostElements: mode === "locate" && search === undefined ? 1 : mostElements,
    refinements,
    mayReuse: settings.reuseImage && !alone,
    mayOverlap: settings.prefetch && !alone,
  };
}
