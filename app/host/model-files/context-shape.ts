import { open } from "node:fs/promises";
import path from "node:path";
import { readGgufLayout } from "../gguf/layout.ts";
import type { ContextShape } from "./fit.ts";

/** The context's shape by a language model's header; undefined if it cannot be read or does not say. Never throws. */
export async function readContextShape(modelPath: string): Promise<ContextShape | undefined> {
  try {
    const file = await open(modelPath, "r");
    try {
      const { values } = await readGgufLayout(file, path.basename(modelPath));
      return shapeOf(values);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

function shapeOf(values: ReadonlyMap<string, number | string | boolean>): ContextShape | undefined {
  const architecture = values.get("general.architecture");
  const number = (key: string): number | undefined => {
    const value = values.get(`${String(architecture)}.${key}`);
    return typeof value === "number" ? value : undefined;
  };
  const layers = number("block_count");
  const heads = number("attention.head_count");
  const width = number("embedding_length");
  if (layers === undefined || heads === undefined || width === undefined || heads < 1) return undefined;
  const headLength = width / heads;
  return {
    layers,
    kvHeads: number("attention.head_count_kv") ?? heads,
    keyLength: number("attention.key_length") ?? headLength,
    valueLength: number("attention.value_length") ?? headLength,
  };
}
