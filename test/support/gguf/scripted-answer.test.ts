import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kv } from "./metadata.ts";
import { randomTensors } from "./random-tensors.ts";
import { boxListScript, scriptedOutput } from "./scripted-answer.ts";
import { type GgufTensorSource, writeGguf } from "./writer.ts";

const vocabulary = [
  ...Array.from({ length: 40 }, (_, at) => `<${at}>`),
  ...[
    "Ċ",
    "ĊĊ",
    "[",
    '{"',
    "bbox",
    "_",
    "2",
    "d",
    '":[',
    "1",
    ",",
    "9",
    "5",
    '],"',
    "label",
    '":"',
    "Save",
    "Ġchanges",
    "Ġto",
  ],
  ...["Ġthis", "Ġdocument", '"},{"'],
];
const tokenizer = { "tokenizer.ggml.tokens": kv.strings(vocabulary) };
const width = 512;

/** The tokens by their logits after `from`, likeliest first, for layers that add nothing. */
function following(output: GgufTensorSource, embedding: GgufTensorSource, from: string): string[] {
  const rows = output.rows?.() ?? new Map<number, Float32Array>();
  const [embeddings, outputs] = [embedding.values(), output.values()];
  const rowOf = (values: Float32Array, token: number) =>
    Float32Array.from({ length: width }, (_, at) => values[(token * width + at) % values.length] ?? 0);
  const hidden = rowOf(embeddings, vocabulary.indexOf(from));
  const size = Math.sqrt(hidden.reduce((sum, value) => sum + value * value, 0) / width);
  const logit = (token: number): number =>
    (rows.get(token) ?? rowOf(outputs, token)).reduce((sum, value, at) => sum + (value * (hidden[at] ?? 0)) / size, 0);
  return vocabulary
    .map((token, id) => ({ token, logit: logit(id) }))
    .sort((a, b) => b.logit - a.logit)
    .map(({ token }) => token);
}

describe("a scripted answer", () => {
  const random = randomTensors(1, "f32", 4099 * 32);
  const embedding = random.tensor("token_embd.weight", [width, vocabulary.length], 1, "f32");
  const output = scriptedOutput(
    random.matrix("output", width, vocabulary.length, 4),
    embedding,
    boxListScript(tokenizer),
  );

  it.each(["Ċ", "ĊĊ"])("is what the likeliest tokens spell after %s where the grammar allows them", (end) => {
    const spelled: string[] = [];
    let last = end;
    for (let commas = 0; spelled.length < 40; ) {
      const [likeliest = "", second = ""] = following(output, embedding, last);
      const refused = likeliest === "," && commas === 3; // a box has four coordinates
      last = refused ? second : likeliest;
      commas = last === "," ? commas + 1 : last === '],"' ? 0 : commas;
      spelled.push(last);
    }
    const text = spelled.join("").replaceAll("Ġ", " ");
    const box = '"bbox_2d":[1,9,9,95],"label":"Save changes to this document"}';
    expect(text.startsWith(`[{${box},{"bbox_2d":[1`)).toBe(true);
  });

  it("is refused for a vocabulary that cannot spell it", () => {
    expect(() => boxListScript({ "tokenizer.ggml.tokens": kv.strings(["Ċ", "["]) })).toThrow(/no token/);
  });

  it("lies in the file in the place of the rows it replaces", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scripted-"));
    const path = join(folder, "a.gguf");
    const tensor: GgufTensorSource = {
      name: "output.weight",
      type: "f32",
      shape: [2, 4],
      values: () => Float32Array.of(1, 2),
      cycled: true,
      rows: () => new Map([[2, Float32Array.of(7, 8)]]),
    };
    const { bytes } = await writeGguf(path, {
      metadata: {},
      tensors: [tensor, { ...tensor, name: "b", rows: () => new Map() }],
    });
    const file = await readFile(path);
    expect(file.length).toBe(bytes);
    const numbers = (start: number) => Array.from({ length: 8 }, (_, at) => file.readFloatLE(start + 4 * at));
    expect(numbers(bytes - 64)).toEqual([1, 2, 1, 2, 7, 8, 1, 2]);
    expect(numbers(bytes - 32)).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    await rm(folder, { recursive: true });
  });
});
