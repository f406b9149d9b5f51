import type { ConversionTarget } from "../../../contract/index.ts";

/** What rounding did to a range of values. */
export interface RoundingCounts {
  /** Finite values too large for f16, which became infinite. */
  overflows: number;
  /** Nonzero values that became zero. */
  vanished: number;
}

/** Bytes of one value in the target type. */
export const targetBytes: Readonly<Record<ConversionTarget, number>> = { f16: 2, f32: 4 };

const magnitudeBits = 0x7fff;
const bf16Infinity = 0x7f80;
const halfInfinity = 0x7c00;

/**
 * Rounds a bf16 to the nearest f16, ties to even; both as their 16 bits. Values between 2^-17 and 65504 are exact;
 * smaller ones lose bits, larger ones become infinite. NaN stays NaN.
 */
export function bf16ToHalf(bits: number): number {
  const sign = bits & 0x8000;
  const magnitude = bits & magnitudeBits;
  if (magnitude > bf16Infinity) return sign | 0x7e00 | ((magnitude & 0x7f) << 3);
  if (magnitude === bf16Infinity) return sign | halfInfinity;
  const exponent = (magnitude >> 7) - 127;
  const fraction = magnitude & 0x7f;
  if (exponent > 15) return sign | halfInfinity;
  if (exponent >= -14) return sign | ((exponent + 15) << 10) | (fraction << 3);
  // A subnormal f16, in steps of 2^-24. The leading bit of a bf16 means 2^exponent, its last bit 2^(exponent - 7).
  const shift = -17 - exponent;
  const significand = 0x80 | fraction;
  if (shift <= 0) return sign | (significand << -shift);
  // Less than half of the smallest step; so are all subnormal bf16 numbers.
  if (shift > 8) return sign;
  const floor = significand >> shift;
  const rest = significand & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (rest > half || (rest === half && (floor & 1) === 1) ? floor + 1 : floor);
}

let halves: { readonly bits: Uint16Array; readonly overflow: Uint8Array; readonly vanished: Uint8Array } | undefined;

/** All 65,536 roundings, computed once: looking one up is several times faster. */
function halfTables() {
  if (halves !== undefined) return halves;
  const all = Array.from({ length: 65536 }, (_, bits) => bf16ToHalf(bits));
  const finite = (bits: number) => (bits & magnitudeBits) < bf16Infinity;
  halves = {
    bits: Uint16Array.from(all),
    overflow: Uint8Array.from(all, (half, bits) => Number(finite(bits) && (half & magnitudeBits) === halfInfinity)),
    vanished: Uint8Array.from(all, (half, bits) => Number((bits & magnitudeBits) > 0 && (half & magnitudeBits) === 0)),
  };
  return halves;
}

/**
 * Converts `count` values and adds to `counts`. Both buffers start at a multiple of 4 of their memory and hold
 * little-endian values, which is also the order of every processor that Node runs on.
 */
export function convertBf16(source: Buffer, target: Buffer, to: ConversionTarget, counts: RoundingCounts): void {
  const values = new Uint16Array(source.buffer, source.byteOffset, source.length / 2);
  if (to === "f32") {
    const out = new Uint32Array(target.buffer, target.byteOffset, values.length);
    for (let index = 0; index < values.length; index++) out[index] = (values[index] ?? 0) << 16;
    return;
  }
  const out = new Uint16Array(target.buffer, target.byteOffset, values.length);
  const { bits, overflow, vanished } = halfTables();
  let overflows = 0;
  let zeros = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    out[index] = bits[value] ?? 0;
    overflows += overflow[value] ?? 0;
    zeros += vanished[value] ?? 0;
  }
  counts.overflows += overflows;
  counts.vanished += zeros;
}
