import {
  builtInPreset,
  defined,
  fillTemplate,
  HoloscopeError,
  type OwnPreset,
  type PresetDeclaration,
  parseTemplate,
  presetInfo,
  type Size,
} from "../../contract/index.ts";
import type { CoordinateSpace, SizingRule } from "../geometry.ts";
import { boxListSchema, templateSchema } from "./answer-schema.ts";
import { type Base, bases } from "./bases.ts";
import { groundingImageTokens, type ModelTraits, patchLimit, type Question, usualImageTokens } from "./family.ts";
import { boxListGrammar, coordinateRules, labelRules, templateGrammar } from "./grammar.ts";
import { boxListExamples, chatPrompt, groundAllText, groundOneText, plainText } from "./prompts.ts";

/** What is known of a vision encoder: side of a patch in px, patches merged along each side, limits of image tokens. */
export interface EncoderFacts {
  readonly patch: number;
  readonly merge: number;
  readonly minTokens?: number;
  readonly maxTokens?: number;
}

/** How coordinates of each space are written, and between which numbers they lie. */
const writing = {
  "model-pixels": { rule: coordinateRules.pixels, range: { minimum: 0, maximum: 99_999 } },
  "normalised-1000": { rule: coordinateRules.thousandths, range: { minimum: 0, maximum: 1000 } },
} as const satisfies Record<CoordinateSpace, unknown>;

/**
 * Everything about a model that is asked as a preset says.
 * @param preset a preset, or the id of one of Holoscope's own
 * @param encoder what its files say; by default what the preset's base has (Qwen2.5-VL patches of 14 px, the others of
 * 16 px, merged 2 x 2) and 8 to 4096 image tokens. Errors: BAD_REQUEST for an unknown id.
 */
export function presetTraits(preset: string | PresetDeclaration | OwnPreset, encoder?: EncoderFacts): ModelTraits {
  const declared = typeof preset === "string" ? known(preset) : preset;
  const base = bases[declared.base];
  const space = declared.space ?? base.space;
  const { patch, merge } = encoder ?? base;
  const { modes } = presetInfo(declared, false);
  return {
    family: base.family,
    preset: declared.id,
    modes,
    modeNotes:
      modes.detect === "off-training"
        ? {
            detect:
              "This model was trained to find one described target. Boxes for a whole screen are off its training: " +
              'use the mode "locate" for dependable results.',
          }
        : {},
    wantedImageTokens: groundingImageTokens,
    sizing: sizingOf(patch * merge, encoder, declared.imageTokens),
    space,
    leastSide: patchLimit(patch),
    question(mode, target, maxDetections, input) {
      const ask = (text: string, system?: string) => asked(declared, base, text, system);
      if (mode === "detect") return { ...ask(groundAllText), ...boxesAnswer(space, maxDetections) };
      if (declared.locate === undefined) return { ...ask(groundOneText(target)), ...boxesAnswer(space, 1) };
      const { system, text, answer } = declared.locate;
      return {
        ...ask(withTarget(withSize(text, input), target), system && withSize(system, input)),
        ...templateAnswer(answer, space),
      };
    },
  };
}

function known(id: string): PresetDeclaration {
  const preset = builtInPreset(id);
  if (preset !== undefined) return preset;
  throw new HoloscopeError("BAD_REQUEST", `There is no preset "${id}".`, "holoscope models presets lists them.");
}

function sizingOf(
  factor: number,
  encoder: EncoderFacts | undefined,
  wanted: PresetDeclaration["imageTokens"] = {},
): SizingRule {
  const { minTokens, maxTokens } = { ...usualImageTokens, ...defined(encoder ?? {}) };
  const most = Math.max(minTokens, Math.min(maxTokens, wanted.max ?? maxTokens));
  return { factor, minTokens: Math.min(most, Math.max(minTokens, wanted.min ?? minTokens)), maxTokens: most };
}

function asked(
  { thinks = false }: Pick<PresetDeclaration, "thinks">,
  { chat: format }: Base,
  text: string,
  system: string | undefined,
): Pick<Question, "chat" | "prompt"> {
  const silent = thinks || format.begun !== undefined;
  const chat = { ...defined({ system }), text, ...(silent ? { thinking: false as const } : {}) };
  return { chat, prompt: chatPrompt(chat, format) };
}

function withSize(text: string, { width, height }: Size): string {
  return text.replaceAll("{width}", String(width)).replaceAll("{height}", String(height));
}

function withTarget(text: string, target: string): string {
  return text.split("{target}").join(plainText(target));
}

type AnswerForm = Omit<Question, "chat" | "prompt">;

/** An answer in the format in which Qwen-VL models list boxes. */
function boxesAnswer(space: CoordinateSpace, maxDetections: number): AnswerForm {
  const { rule, range } = writing[space];
  return {
    grammar: boxListGrammar({ coordinate: rule, label: labelRules.text, spaced: true, maxDetections }),
    schema: boxListSchema(range, { type: "string", minLength: 1, maxLength: 60 }, maxDetections),
    examples: boxListExamples,
  };
}

/** Numbers of two examples, which differ at each place. */
const exampleNumbers = [
  [947, 38, 990, 61],
  [25, 416, 310, 502],
] as const;

function templateAnswer(text: string, space: CoordinateSpace): AnswerForm {
  const { rule, range } = writing[space];
  const template = parseTemplate(text);
  return {
    grammar: templateGrammar(template, rule),
    ...defined({ schema: templateSchema(template, range) }),
    answer: template,
    examples: exampleNumbers.map((numbers) => fillTemplate(template, numbers)),
  };
}
