/** Reproducible random weights: the values depend on the seed and the tensor's name only, not on order or type. */

/** Uniform numbers in [0, 1). Algorithm: mulberry32 (Tommy Ettinger, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed for one named thing; FNV-1a over the name, started at the given seed. */
export function seedFor(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const byte of Buffer.from(name, "utf8")) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** `count` values spread evenly over [center - reach, center + reach]. */
export function randomValues(seed: number, count: number, reach: number, center = 0): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => center + (random() * 2 - 1) * reach);
}

/**
 * Reach of uniform weights that keep an input's variance: a sum of `inputs` products then has the variance of
 * one input, so activations neither vanish nor overflow however many layers follow.
 */
export function matrixReach(inputs: number): number {
  return Math.sqrt(3 / inputs);
}
