/** Encodings of tensor data, after ggml's definitions of the types (ggml/src/ggml-common.h, ggml-quants.c). */

export type GgufTensorType = "f32" | "f16" | "bf16" | "q8_0";

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
  bf16: { code: 30, fileType: 32, blockValues: 1, blockBytes: 2, encode: encodeBf16 },
};

const scratch = new DataView(new ArrayBuffer(4));

/** Bits of the IEEE half that is nearest to `value` (ties to even); beyond 65504 it is infinity. */
export function toHalfBits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 0x477ff000 is 65520, the first value that rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below the smallest normal half (2^-14) a half counts steps of 2^-24.
    return sign | roundTiesToEven(Math.abs(Math.fround(value)) * 2 ** 24);
  }
  const rebased = magnitude - (112 << 23);
  const oddness = (rebased >>> 13) & 1;
  return sign | ((rebased + 0xfff + oddness) >>> 13);
}

/** Upper 16 bits of the float, rounded to nearest, ties to even. */
export function toBfloatBits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function roundTiesToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
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
