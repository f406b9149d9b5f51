import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Template } from "@huggingface/jinja";
import { describe, expect, it } from "vitest";
import { recognise } from "../../../app/engine/families/index.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { headers } from "../headers.ts";

/** llama.cpp's sources, which `npm run setup` unpacks, hold chat templates of some models. */
const templateFile = path.join(repositoryRoot, "native/build/llama.cpp/models/templates/Qwen3.5-4B.jinja");
const there = existsSync(templateFile);
if (!there) console.warn("Prompts are not compared with Qwen3.5's chat template: llama.cpp's sources are not there.");

describe.skipIf(!there)("the prompt of Qwen3.5's family", () => {
  /** What libmtmd puts around the image's tokens, and the placeholder between. */
  const image = "<|vision_start|><|image_pad|><|vision_end|>";

  it.each([
    ["detect", headers.qwen35],
    ["locate", headers.qwen35],
    ["detect", headers.holo31],
    ["locate", headers.holo31],
  ] as const)("is what its chat template gives for one message with the image first (%s)", async (mode, model) => {
    const { prompt } = recognise(model, headers.qwen35mmproj).question(mode, "the Save button", 40, {
      width: 1288,
      height: 728,
    });
    const [, words = ""] = /<__media__>([\s\S]*?)<\|im_end\|>/.exec(prompt) ?? [];
    expect(words.length).toBeGreaterThan(50);
    const template = new Template(await readFile(templateFile, "utf8"));
    const render = (thinking: boolean): string =>
      template.render({
        messages: [{ role: "user", content: [{ type: "image" }, { type: "text", text: words }] }],
        add_generation_prompt: true,
        enable_thinking: thinking,
      });
    expect(render(false).replace(image, "<__media__>")).toBe(prompt);
    // Negative control.
    expect(render(true).replace(image, "<__media__>")).not.toBe(prompt);
  });
});
