/**
 * Lets a model of random weights write a given answer: its speed with a grammar then is that of a trained model, whose
 * first choices the grammar allows, and the answer does not end after a few tokens.
 *
 * The layers of such a model add next to nothing, so that what reaches the output layer is the embedding of the last token;
 * the output row of each token of the answer is made of the embeddings of the tokens that it follows.
 */
import type { GgufMetadata } from "./metadata.ts";
import type { GgufTensorSource } from "./writer.ts";

/** After token `from` comes `to`; a higher strength comes before a lower one. */
export interface ScriptStep {
  readonly from: number;
  readonly to: number;
  readonly strength: number;
}

/** What the residual additions of the layers are multiplied with, so that the last token alone decides. */
export const QUIET_GAIN = 1e-3;

/** Logit of a step of strength 1; the random rows of a cycled output layer stay below some 20. */
const STEP_LOGIT = 60;

/**
 * `[{"bbox_2d":[1,9,9,95],"label":"Save changes to this document"},{...`, on and on, in tokens of Qwen2's vocabulary. A step
 * follows from one token alone, so every comma is followed by the same digit; in the fourth coordinate, where the grammar
 * allows no further comma, the second choice goes on.
 * Throws if the metadata's vocabulary lacks one of the tokens.
 */
export function boxListScript(tokenizer: GgufMetadata): ScriptStep[] {
  const entry = tokenizer["tokenizer.ggml.tokens"];
  if (entry?.type !== "array" || entry.of !== "string") throw new Error("The tokenizer names no tokens.");
  const { value: vocabulary } = entry;
  const id = (token: string): number => {
    const found = vocabulary.indexOf(token);
    if (found < 0) throw new Error(`The vocabulary has no token ${JSON.stringify(token)}.`);
    return found;
  };
  // "Ċ" and "Ġ" are the line break and the space in a byte-level vocabulary. A prompt ends with one or two line breaks.
  const element = ["bbox", "_", "2", "d", '":[', "1", ",", "9", ","];
  const label = ["9", "5", '],"', "label", '":"', "Save", "Ġchanges", "Ġto", "Ġthis", "Ġdocument", '"},{"', "bbox"];
  const pairs = [["Ċ", "[", '{"', "bbox"], ["ĊĊ", "["], element, label].flatMap((tokens) =>
    tokens.slice(1).map((to, at) => [tokens[at] ?? "", to] as const),
  );
  return pairs.map(([from, to]) => ({ from: id(from), to: id(to), strength: to === "5" ? 0.5 : 1 }));
}

/** The output layer with the rows that the script needs. @param embedding of as many values a row */
export function scriptedOutput(
  output: GgufTensorSource,
  embedding: GgufTensorSource,
  script: readonly ScriptStep[],
): GgufTensorSource {
  const [width = 0] = output.shape;
  const rows = (): Map<number, Float32Array> => {
    const values = embedding.values();
    const result = new Map<number, Float32Array>();
    for (const { from, to, strength } of script) {
      const start = from * width;
      const of = (at: number): number => values[(start + at) % values.length] ?? 0;
      let squares = 0;
      for (let at = 0; at < width; at++) squares += of(at) ** 2;
      // The output layer sees the embedding scaled to a root mean square of 1.
      const scale = (strength * STEP_LOGIT) / Math.sqrt(width * squares);
      const row = result.get(to) ?? new Float32Array(width);
      for (let at = 0; at < width; at++) row[at] = (row[at] ?? 0) + scale * of(at);
      result.set(to, row);
    }
    return result;
  };
  return { ...output, rows };
}
