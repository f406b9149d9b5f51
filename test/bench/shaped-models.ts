import { existsSync } from "node:fs";
import path from "node:path";
import type { parseArgs } from "node:util";
import type { GgufMetadata } from "../support/gguf/metadata.ts";
import { readQwen2Tokenizer } from "../support/gguf/qwen2-tokenizer.ts";
import type { TinyPair } from "../support/gguf/tiny-pair.ts";
import {
  type Holo15Options,
  holo15ShapedPaths,
  holo15Vocabulary,
  writeHolo15ShapedPair,
} from "../support/gguf/tiny-qwen25vl.ts";
import { holo31ShapedPaths, holo31Vocabulary, writeHolo31ShapedPair } from "../support/gguf/tiny-qwen35.ts";
import { repositoryRoot } from "../support/repository.ts";

/** Model families of which pairs of real sizes with random weights are written. */
export const shapedFamilies = ["holo1.5", "holo3.1"] as const;
export type ShapedFamily = (typeof shapedFamilies)[number];

/** What the benchmarks need to know of a pair of real sizes. */
export interface ShapedModel {
  /** The model whose sizes these are. */
  readonly title: string;
  /** Budgets of image tokens that make a screen of 1920 x 1080 px one of full and of smaller sizes. */
  readonly imageTokenLimits: readonly [full: number, ...smaller: number[]];
  /** Whether the answer is scripted (test/support/gguf/scripted-answer.ts). */
  readonly scripted: boolean;
  /** The pair in this folder, written unless it is there. */
  pair(folder: string): Promise<TinyPair>;
}

export interface ShapedOptions {
  readonly family: ShapedFamily;
  readonly scripted: boolean;
  /** Of Holo1.5: which size and types; 7B in q8_0 if left out. */
  readonly holo15?: Pick<Holo15Options, "size" | "weights">;
}

/** A pair of Holo1.5's or of Holo3.1-4B's shapes; its real vocabulary needs `npm run build:native`. */
export function shapedModel({ family, scripted, holo15 = {} }: ShapedOptions): ShapedModel {
  if (family === "holo3.1") {
    return {
      title: "Holo3.1-4B",
      imageTokenLimits: [2880, 1280, 960],
      scripted,
      pair: (folder) =>
        written(holo31ShapedPaths(folder, { scripted }), async () => {
          const tokenizer = await vocabulary("qwen35", holo31Vocabulary);
          await writeHolo31ShapedPair(folder, { scripted, tokenizer });
        }),
    };
  }
  const { size = "7b" } = holo15;
  return {
    title: `Holo1.5-${size.toUpperCase()}`,
    imageTokenLimits: [2880, 1280],
    scripted,
    pair: (folder) =>
      written(holo15ShapedPaths(folder, { ...holo15, scripted }), async () => {
        const tokenizer = await vocabulary("qwen2", holo15Vocabulary(size));
        await writeHolo15ShapedPair(folder, { ...holo15, scripted, tokenizer });
      }),
  };
}

/** `--family` and `--scripted` of the command line, beside a benchmark's own options. */
export const shapedArguments = {
  family: { type: "string", default: "holo1.5" },
  scripted: { type: "boolean", default: false },
} as const satisfies NonNullable<Parameters<typeof parseArgs>[0]>["options"];

/** Throws for a family that there is none of. */
export function familyNamed(name: string): ShapedFamily {
  const found = shapedFamilies.find((family) => family === name);
  if (found === undefined) throw new Error(`--family takes ${shapedFamilies.join(" or ")}, not "${name}".`);
  return found;
}

const vocabulary = (name: string, size: number): Promise<GgufMetadata> =>
  readQwen2Tokenizer(path.join(repositoryRoot, `native/build/llama.cpp/models/ggml-vocab-${name}.gguf`), size);

async function written(paths: TinyPair, write: () => Promise<void>): Promise<TinyPair> {
  if (!existsSync(paths.mmprojPath)) await write();
  return paths;
}
