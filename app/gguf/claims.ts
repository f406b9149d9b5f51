import { type GgufHeader, type GgufValue, metadataString } from "./header.ts";

/**
 * The most that a header may claim of a network's shape. Programs size memory and count loops by these numbers, so that
 * a hostile one makes them run for ever. llama.cpp refuses more layers (LLAMA_MAX_LAYERS) and experts
 * (LLAMA_MAX_EXPERTS, 1024 in the newest release); the others are far above any published model.
 */
const most: Readonly<Record<string, number>> = {
  block_count: 512,
  n_deepstack_layers: 512,
  nextn_predict_layers: 512,
  expert_count: 1024,
  expert_used_count: 1024,
  context_length: 2 ** 27,
  embedding_length: 2 ** 20,
  feed_forward_length: 2 ** 24,
  projection_dim: 2 ** 20,
  "attention.head_count": 2 ** 16,
  "attention.head_count_kv": 2 ** 16,
  "attention.key_length": 2 ** 16,
  "attention.value_length": 2 ** 16,
  full_attention_interval: 512,
  expert_feed_forward_length: 2 ** 24,
  expert_shared_feed_forward_length: 2 ** 24,
  "ssm.conv_kernel": 2 ** 8,
  "ssm.inner_size": 2 ** 20,
  "ssm.state_size": 2 ** 16,
  "ssm.time_step_rank": 2 ** 16,
  "ssm.group_count": 2 ** 16,
  image_size: 2 ** 16,
  patch_size: 2 ** 12,
};

/** llama.cpp divides by these. */
const fewest: Readonly<Record<string, number>> = { full_attention_interval: 1 };

/** The first claim of a header that no real model makes, as a clause for a message; undefined if there is none. */
export function impossibleClaim(header: Pick<GgufHeader, "metadata">): string | undefined {
  const architecture = metadataString(header, "general.architecture");
  if (architecture === undefined) return undefined;
  for (const group of architecture === "clip" ? ["clip.vision", "clip.audio"] : [architecture]) {
    for (const [key, limit] of Object.entries(most)) {
      const value = header.metadata[`${group}.${key}`];
      const wrong =
        value === undefined
          ? undefined
          : numbersIn(value).find((number) => !(number >= (fewest[key] ?? 0) && number <= limit));
      if (wrong !== undefined && wrong > limit)
        return `it claims a ${key} of ${wrong}, more than the ${limit} that any model has`;
      if (wrong !== undefined) return `it claims a ${key} of ${wrong}, which no model has`;
    }
  }
  return undefined;
}

/** Some keys hold a number for each layer in place of one for all. */
function numbersIn(value: GgufValue): number[] {
  const values = Array.isArray(value) ? value : [value];
  return values.flatMap((one) => (typeof one === "number" || typeof one === "bigint" ? [Number(one)] : []));
}
