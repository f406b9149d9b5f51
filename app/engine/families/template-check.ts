import { runInNewContext } from "node:vm";
import { Template } from "@huggingface/jinja";
import { defined, type Mode, type TemplateCheck, type TemplateDifference } from "../../contract/index.ts";
import { type GgufHeader, metadataString } from "../../gguf/header.ts";
import type { Chat, ModelTraits, Question } from "./index.ts";
import { imageMarker } from "./prompts.ts";

/** What libmtmd puts around the image's tokens of a Qwen-VL model, and the placeholder between. */
const templateImage = "<|vision_start|><|image_pad|><|vision_end|>";
/** No real template is longer. */
const mostCharacters = 262_144;
/** A real template takes some ms; one that never ends is foreign text gone wrong. */
const renderMs = 2000;
/** Of a difference, as much is told. */
const toldCharacters = 300;

const modes: readonly Mode[] = ["detect", "locate"];
/** What is asked to compare; the words make no difference. */
const sample = { target: "the Save button", mostElements: 40, input: { width: 1288, height: 728 } };

/**
 * Differences that are deliberate, by what the template has and the prompt has not.
 */
const deliberate: readonly { readonly template: string; readonly prompt: string; readonly reason: string }[] = [
  ...["<think>\n", "<think>\n\n</think>\n\n"].map((template) => ({
    template,
    prompt: "",
    reason: "its answer is kept to its form from the first token on, which leaves no room for thoughts.",
  })),
];

/**
 * Compares the prompts with what the model's own chat template (`tokenizer.chat_template`) gives for the same messages,
 * thinking off. Never throws; a template that takes too long is given up.
 */
export function checkTemplate(model: GgufHeader, traits: ModelTraits): TemplateCheck {
  const template = metadataString(model, "tokenizer.chat_template");
  if (template === undefined) return { verdict: "absent", differences: [] };
  try {
    const render = rendererOf(template);
    const differences = modes
      .filter((mode) => traits.modes[mode] !== "unsupported")
      .flatMap((mode) => {
        const question = traits.question(mode, sample.target, sample.mostElements, sample.input);
        const difference = compare(mode, render(question.chat), question);
        return difference === undefined ? [] : [difference];
      });
    if (differences.length === 0) return { verdict: "same", differences };
    return { verdict: differences.every(({ reason }) => reason) ? "deliberate" : "differs", differences };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { verdict: "unreadable", differences: [], error: said.slice(0, toldCharacters) };
  }
}

/** Renders messages with a template. Throws what the template does wrong. */
export function rendererOf(text: string): (chat: Chat) => string {
  if (text.length > mostCharacters) throw new Error("it is too long");
  const template = limited(() => new Template(text));
  return ({ system, text: words }) =>
    limited(() =>
      template.render({
        messages: [
          ...(system === undefined ? [] : [{ role: "system", content: system }]),
          { role: "user", content: [{ type: "image" }, { type: "text", text: words }] },
        ],
        add_generation_prompt: true,
        // Qwen's name for it, and H Company's in Holo2's template.
        enable_thinking: false,
        thinking: false,
      }),
    ).replace(templateImage, imageMarker);
}

/** Does synchronous work, which is ended where it takes too long. */
function limited<T>(work: () => T): T {
  let result: { readonly value: T } | undefined;
  const call = (): void => {
    result = { value: work() };
  };
  runInNewContext("call()", { call }, { timeout: renderMs });
  if (result === undefined) throw new Error("it did not end");
  return result.value;
}

function compare(mode: Mode, rendered: string, { prompt }: Question): TemplateDifference | undefined {
  if (rendered === prompt) return undefined;
  const shorter = Math.min(rendered.length, prompt.length);
  let start = 0;
  while (start < shorter && rendered[start] === prompt[start]) start++;
  let end = 0;
  while (end < shorter - start && rendered.at(-1 - end) === prompt.at(-1 - end)) end++;
  const part = (text: string) => text.slice(start, text.length - end);
  const found = { template: part(rendered), prompt: part(prompt) };
  const known = deliberate.find(({ template, prompt: ours }) => template === found.template && ours === found.prompt);
  return {
    mode,
    template: found.template.slice(0, toldCharacters),
    prompt: found.prompt.slice(0, toldCharacters),
    ...defined({ reason: known?.reason }),
  };
}
