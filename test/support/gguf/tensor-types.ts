/** Encodings of tensor data, after ggml's definitions of the types (ggml/src/ggml-common.h, ggml-quants.c). */

import { toHalfBits } from "./half.ts";
import { encodeQ4K, encodeQ6K, K_BLOCK_VALUES, Q4_K_BYTES, Q6_K_BYTES } from "./k-quants.ts";

export type GgufTensorType = "f32" | "f16" | "bf16" | "q8_0" | "q4_k" | "q6_k";

interface TensorTypeTraits {
  /** The type's number in a file (enum ggml_type). */
  readonly code: number;
  /** `general.file_type` of a file whose matrices have this type (enum llama_ftype). */
  readonly fileType: number;
  /** Values that are stored together; a row (shape[0]) must be a multiple of it. */
  readonly blockValues: number;
  readonly blockBytes: number;
  readonly encode: (values: Float32Array) => Uint8Array;
}

export const TENSOR_TYPES: Readonly<Record<GgufTensorType, TensorTypeTraits>> = {
  f32: { code: 0, fileType: 0, blockValues: 1, blockBytes: 4, encode: encodeF32 },
  f16: { code: 1, fileType: 1, blockValues: 1, blockBytes: 2, encode: encodeF16 },
  q8_0: { code: 8, fileType: 7, blockValues: 32, blockBytes: 34, encode: encodeQ8 },
  // The file types of K-quants are those of the usual mixes: Q4_K_M and Q6_K.
  q4_k: { code: 12, fileType: 15, blockValues: K_BLOCK_VALUES, blockBytes: Q4_K_BYTES, encode: encodeQ4K },
  q6_k: { code: 14, fileType: 18, blockValues: K_BLOCK_VALUES, blockBytes: Q6_K_BYTES, encode: encodeQ6K },
  bf16: { code: 30, fileType: 32, blockValues: 1, blockBytes: 2, encode: encodeBf16 },
};

const scratch = new DataView(new ArrayBuffer(4));

/** Upper 16 bits of the float, rounded to nearest, ties to even. */
export function toBfloatBits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function encodeF32(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

function encodeF16(values: Float32Array): Uint8Array {
  return encodeHalves(values, toHalfBits);
}

function encodeBf16(values: Float32Array): Uint8Array {
  return encodeHalves(values, toBfloatBits);
}

function encodeHalves(values: Float32Array, toBits: (value: number) => number): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 2));
  values.forEach((value, i) => {
    view.setUint16(i * 2, toBits(value), true);
  });
  return new Uint8Array(view.buffer);
}

/** Blocks of 32 values: one half-precision step, then 32 signed bytes that count it. */
function encodeQ8(values: Float32Array): Uint8Array {
  const { blockValues, blockBytes } = TENSOR_TYPES.q8_0;
  const view = new DataView(new ArrayBuffer((values.length / blockValues) * blockBytes));
  for (let block = 0; block * blockValues < values.length; block++) {
    const slice = values.subarray(block * blockValues, (block + 1) * blockValues);
    const step = slice.reduce((max, value) => Math.max(max, Math.abs(value)), 0) / 127;
    view.setUint16(block * blockBytes, toHalfBits(step), true);
    slice.forEach((value, i) => {
      view.setInt8(block * blockBytes + 2 + i, step === 0 ? 0 : Math.round(value / step));
    });
  }
  return new Uint8Array(view.buffer);
}
