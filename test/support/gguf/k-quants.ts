/**
 * Encodings of ggml's q4_K and q6_K blocks of 256 values (ggml/src/ggml-common.h, block_q4_K and block_q6_K; the order of
 * values in a block: ggml-quants.c, dequantize_row_q4_K and dequantize_row_q6_K). Scales are the plain ones of each
 * sub-block: good enough for random weights, without ggml's search for better ones.
 */
import { toHalfBits } from "./half.ts";

export const K_BLOCK_VALUES = 256;
export const Q4_K_BYTES = 144;
export const Q6_K_BYTES = 210;

/** Eight sub-blocks of 32 values, each with a scale and a minimum of 6 bits: value = scale * q - minimum, q in 0..15. */
export function encodeQ4K(values: Float32Array): Uint8Array {
  return encodeBlocks(values, Q4_K_BYTES, (block, view) => {
    const parts = Array.from({ length: 8 }, (_, part) => {
      const slice = block.subarray(part * 32, part * 32 + 32);
      const least = Math.min(0, ...slice);
      return { slice, minimum: -least, scale: (Math.max(...slice) - least) / 15 };
    });
    const scaleStep = Math.max(...parts.map(({ scale }) => scale)) / 63;
    const minimumStep = Math.max(...parts.map(({ minimum }) => minimum)) / 63;
    view.setUint16(0, toHalfBits(scaleStep), true);
    view.setUint16(2, toHalfBits(minimumStep), true);
    parts.forEach(({ slice, scale, minimum }, part) => {
      const [scaleBits, minimumBits] = [share(scale, scaleStep), share(minimum, minimumStep)];
      putScaleAndMinimum(view, part, scaleBits, minimumBits);
      const [step, offset] = [scaleStep * scaleBits, minimumStep * minimumBits];
      slice.forEach((value, at) => {
        const bits = step === 0 ? 0 : Math.min(15, Math.max(0, Math.round((value + offset) / step)));
        const byte = 16 + Math.floor(part / 2) * 32 + at;
        view.setUint8(byte, view.getUint8(byte) | (bits << (part % 2 === 0 ? 0 : 4)));
      });
    });
  });
}

/** Sixteen sub-blocks of 16 values, each with a signed scale of 8 bits: value = scale * (q - 32), q in 0..63. */
export function encodeQ6K(values: Float32Array): Uint8Array {
  return encodeBlocks(values, Q6_K_BYTES, (block, view) => {
    const scales = Array.from({ length: 16 }, (_, part) => {
      const slice = block.subarray(part * 16, part * 16 + 16);
      return slice.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 31;
    });
    const step = Math.max(...scales) / 127;
    view.setUint16(208, toHalfBits(step), true);
    scales.forEach((scale, part) => {
      view.setInt8(192 + part, step === 0 ? 0 : Math.round(scale / step));
    });
    block.forEach((value, at) => {
      const scale = step * view.getInt8(192 + Math.floor(at / 16));
      const bits = scale === 0 ? 32 : Math.min(63, Math.max(0, Math.round(value / scale) + 32));
      // Half a block has four groups of 32: the low four bits of groups 0 and 1 lie in the low halves of 64 bytes, those of
      // 2 and 3 in the high halves; the upper two bits of all four share 32 bytes.
      const [half, group, place] = [Math.floor(at / 128), Math.floor((at % 128) / 32), at % 32];
      const low = half * 64 + (group % 2) * 32 + place;
      view.setUint8(low, view.getUint8(low) | ((bits & 15) << (group < 2 ? 0 : 4)));
      const high = 128 + half * 32 + place;
      view.setUint8(high, view.getUint8(high) | ((bits >> 4) << (2 * group)));
    });
  });
}

function encodeBlocks(
  values: Float32Array,
  blockBytes: number,
  encode: (block: Float32Array, view: DataView) => void,
): Uint8Array {
  const bytes = new Uint8Array((values.length / K_BLOCK_VALUES) * blockBytes);
  for (let block = 0; block * K_BLOCK_VALUES < values.length; block++) {
    const start = block * K_BLOCK_VALUES;
    const view = new DataView(bytes.buffer, block * blockBytes, blockBytes);
    encode(values.subarray(start, start + K_BLOCK_VALUES), view);
  }
  return bytes;
}

function share(value: number, step: number): number {
  return step === 0 ? 0 : Math.round(value / step);
}

/** Twelve bytes for eight pairs of 6 bits: the last four pairs lend their upper bits to the bytes of the first four. */
function putScaleAndMinimum(view: DataView, part: number, scale: number, minimum: number): void {
  const or = (at: number, bits: number): void => view.setUint8(4 + at, view.getUint8(4 + at) | bits);
  if (part < 4) {
    or(part, scale);
    or(part + 4, minimum);
    return;
  }
  or(part + 4, (scale & 15) | ((minimum & 15) << 4));
  or(part - 4, (scale >> 4) << 6);
  or(part, (minimum >> 4) << 6);
}
