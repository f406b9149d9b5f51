import type { AnswerTemplate, Mode, ModeSupport, Size } from "../../contract/index.ts";
import { type GgufHeader, metadataNumber } from "../../gguf/header.ts";
import type { CoordinateSpace, SizingRule } from "../geometry.ts";
import type { JsonSchema } from "./answer-schema.ts";
import type { KindSearch } from "./by-kind.ts";
import type { OwnMetadata } from "./own-metadata.ts";
import type { Chat } from "./prompts.ts";

/** Everything the engine must know about a pair to ask it and to understand its answer. */
export interface ModelTraits extends OwnMetadata {
  /** Family id, as in the contract: "qwen3vl", "qwen25vl". */
  readonly family: string;
  /** Id of the preset that says how it is asked; absent for a detector with a prompt of its own. */
  readonly preset?: string;
  readonly modes: Readonly<Record<Mode, ModeSupport>>;
  /** What a user is told about a mode that is unsupported or off the model's training. */
  readonly modeNotes: Readonly<Partial<Record<Mode, string>>>;
  readonly sizing: SizingRule;
  readonly space: CoordinateSpace;
  /** With fewer image tokens than this the model is known to place boxes badly; absent if nothing is known. */
  readonly wantedImageTokens?: number;
  /** How small a control may become in the model's input before it is likely missed. */
  readonly leastSide: LeastSide;
  /**
   * The question for a mode; `target` is given when the mode is "locate".
   * @param input px that the vision encoder receives: some models are told
   */
  question(mode: Mode, target: string, maxDetections: number, input: Size): Question;
  /**
   * How to find a target among all elements, for a model that can only list them; absent if the model is asked for the
   * target itself. Errors: BAD_REQUEST if nothing of the target can be looked for.
   */
  readonly search?: (target: string) => KindSearch;
}

export interface LeastSide {
  /** px of the model's input. */
  readonly px: number;
  /** Where the number comes from, as a sentence. */
  readonly source: string;
}

export interface Question {
  /** The same as messages, for an engine that has the model's chat template. */
  readonly chat: Chat;
  /** The whole chat-formatted prompt with one `<__media__>` marker. */
  readonly prompt: string;
  /** GBNF that accepts exactly the answers the model was trained to write. */
  readonly grammar: string;
  /** JSON schema of the answer; absent if it is no JSON. */
  readonly schema?: JsonSchema;
  /** How the answer is written, if not as a list of boxes. */
  readonly answer?: AnswerTemplate;
  /** Answers as the model writes them, with different values; they only make generation faster. */
  readonly examples?: readonly string[];
}

/** One family of models, recognised by GGUF metadata alone. */
export interface ModelFamily {
  readonly id: string;
  /** `general.architecture` of the language model. */
  readonly architectures: readonly string[];
  /** `clip.projector_type` of the mmproj. */
  readonly projectors: readonly string[];
  /** @param own what the model's file says under Holoscope's own keys; it need not be repeated in the answer. */
  traits(model: GgufHeader, mmproj: GgufHeader, own: OwnMetadata): ModelTraits;
}

/**
 * Image tokens that a Qwen-VL encoder may be given: the range that llama.cpp keeps for this family
 * (tools/mtmd/clip.cpp, set_limit_image_tokens(8, 4096)), and the mmproj's own `clip.vision.image_max_pixels` where it
 * names one.
 */
export function imageTokenLimits(mmproj: GgufHeader, factor: number): Pick<SizingRule, "minTokens" | "maxTokens"> {
  const pixels = metadataNumber(mmproj, "clip.vision.image_max_pixels") ?? Number.POSITIVE_INFINITY;
  const { minTokens, maxTokens } = usualImageTokens;
  return { minTokens, maxTokens: Math.max(minTokens, Math.min(maxTokens, Math.floor(pixels / (factor * factor)))) };
}

/** The same where there is no mmproj to read. */
export const usualImageTokens = { minTokens: 8, maxTokens: 4096 } as const;

/** For a model of which nothing is measured: what is smaller than a patch has none of its own. @param patch px */
export function patchLimit(patch: number): LeastSide {
  return { px: patch, source: `Its vision encoder sees patches of ${patch} × ${patch} px.` };
}

/** With fewer image tokens Qwen-VL models place boxes less well, as libmtmd warns. */
export const groundingImageTokens = 1024;
