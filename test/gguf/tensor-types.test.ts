import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { createContext, runInContext } from "node:vm";
import { expect, it } from "vitest";
import { tensorTypes } from "../../app/gguf/tensor-types.ts";
import { repositoryRoot } from "../support/repository.ts";

const ggml = path.join(repositoryRoot, "native/build/llama.cpp/ggml");
const there = existsSync(ggml);
if (!there) console.warn("Skipped: llama.cpp's sources are unpacked by `npm run build:native`.");

/** What `sizeof` is of everything that a block or a plain type is made of. */
const sizes = {
  ...{ int8_t: 1, uint8_t: 1, int16_t: 2, uint16_t: 2, int32_t: 4, uint32_t: 4, int64_t: 8, float: 4, double: 8 },
  ...{ ggml_half: 2, ggml_fp16_t: 2, ggml_bf16_t: 2 },
};

it.skipIf(!there)("the tensor types are those of the llama.cpp that the addon is built from", () => {
  const text = (file: string) => readFileSync(path.join(ggml, file), "utf8");
  const [header, traits, blocks] = [text("include/ggml.h"), text("src/ggml.c"), text("src/ggml-common.h")];
  // Numbers and sizes are written as expressions that mean the same in JavaScript.
  const values = createContext({ ...sizes, sizeof: (bytes: number) => bytes });
  const evaluate = (expression: string): number => Number(runInContext(expression, values));
  for (const [, name, value] of blocks.matchAll(/^#define (QK\w+|K_SCALE_SIZE|IQ3S_N_SCALE) ([\w/]+)/gm)) {
    evaluate(`${name} = ${value}`);
  }
  for (const [, block, size] of blocks.matchAll(/static_assert\(sizeof\((\w+)\) == (.+), "/g)) {
    evaluate(`${block} = ${size}`);
  }
  const numbers = new Map(
    [...header.matchAll(/^\s+GGML_TYPE_(\w+)\s*= (\d+),/gm)].map(([, name, number]) => [name, Number(number)]),
  );
  const trait =
    /\[GGML_TYPE_(\w+)\] = \{\s*\.type_name\s*= "(\w+)",\s*\.blck_size\s*= (\w+),\s*\.type_size\s*= (sizeof\(\w+\)),/g;
  const known = [...traits.matchAll(trait)].map(([, constant, name = "", blockValues = "", blockBytes = ""]) => [
    numbers.get(constant),
    { name: name.toLowerCase(), blockValues: evaluate(blockValues), blockBytes: evaluate(blockBytes) },
  ]);
  expect(known.length).toBe(numbers.size - 1); // all but the number of types
  expect(Object.fromEntries(known)).toEqual(tensorTypes);
});
