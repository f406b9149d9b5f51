import { describe, expect, it } from "vitest";
import { encodeQ4K, encodeQ6K, Q4_K_BYTES, Q6_K_BYTES } from "./k-quants.ts";
import { randomValues } from "./random.ts";
import { q4kmType } from "./tiny-qwen25vl.ts";

const half = (view: DataView, at: number): number => {
  const bits = view.getUint16(at, true);
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -magnitude : magnitude;
};

/** As ggml-quants.c reads a block: get_scale_min_k4 and dequantize_row_q4_K. */
function decodeQ4K(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  const scaleAt = (j: number): [number, number] => {
    const q = (at: number): number => view.getUint8(4 + at);
    if (j < 4) return [q(j) & 63, q(j + 4) & 63];
    return [(q(j + 4) & 15) | ((q(j - 4) >> 6) << 4), (q(j + 4) >> 4) | ((q(j) >> 6) << 4)];
  };
  return Array.from({ length: 256 }, (_, at) => {
    const [group, place] = [Math.floor(at / 64), at % 64];
    const [scale, minimum] = scaleAt(2 * group + (place < 32 ? 0 : 1));
    const byte = view.getUint8(16 + 32 * group + (place % 32));
    const bits = place < 32 ? byte & 15 : byte >> 4;
    return half(view, 0) * scale * bits - half(view, 2) * minimum;
  });
}

/** As ggml-quants.c reads a block: dequantize_row_q6_K. */
function decodeQ6K(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  const values: number[] = [];
  for (const n of [0, 1]) {
    for (let l = 0; l < 32; l++) {
      const [low, lower] = [view.getUint8(64 * n + l), view.getUint8(64 * n + l + 32)];
      const high = view.getUint8(128 + 32 * n + l);
      const bits = [
        (low & 15) | ((high & 3) << 4),
        (lower & 15) | (((high >> 2) & 3) << 4),
        (low >> 4) | (((high >> 4) & 3) << 4),
        (lower >> 4) | (((high >> 6) & 3) << 4),
      ];
      bits.forEach((q, group) => {
        const scale = view.getInt8(192 + 8 * n + Math.floor(l / 16) + 2 * group);
        values[128 * n + 32 * group + l] = half(view, 208) * scale * (q - 32);
      });
    }
  }
  return values;
}

describe("K-quants", () => {
  const values = randomValues(7, 256, 0.5);
  const worst = (decoded: readonly number[]): number =>
    Math.max(...decoded.map((value, at) => Math.abs(value - (values[at] ?? 0))));

  it("q4_k comes back within half a step of its 16", () => {
    const bytes = encodeQ4K(values);
    expect(bytes).toHaveLength(Q4_K_BYTES);
    // Half a step of 1/15, and what the rounding of scale and minimum to 6 bits and halves moves.
    expect(worst(decodeQ4K(bytes))).toBeLessThan(0.5 / 15 + 0.02);
  });

  it("q6_k comes back within half a step of its 64", () => {
    const bytes = encodeQ6K(values);
    expect(bytes).toHaveLength(Q6_K_BYTES);
    expect(worst(decodeQ6K(bytes))).toBeLessThan(0.5 / 62 + 0.005);
  });

  it("zeros stay zeros", () => {
    expect(decodeQ4K(encodeQ4K(new Float32Array(256))).every((value) => value === 0)).toBe(true);
    expect(decodeQ6K(encodeQ6K(new Float32Array(256))).every((value) => value === 0)).toBe(true);
  });
});

describe("the mix Q4_K_M", () => {
  it("takes q6_k for the output and for half of attn_v and ffn_down", () => {
    const six = Array.from({ length: 28 }, (_, layer) => layer).filter(
      (layer) => q4kmType(`blk.${layer}.ffn_down.weight`) === "q6_k",
    );
    expect(six).toEqual([0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 24, 25, 26, 27]);
    expect(q4kmType("output.weight")).toBe("q6_k");
    expect(q4kmType("blk.0.ffn_up.weight")).toBe("q4_k");
    expect(q4kmType("blk.0.attn_v.weight")).toBe("q6_k");
  });
});
