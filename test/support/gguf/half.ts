/** IEEE half precision, as ggml stores f16 values and the steps of its blocks. */

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

function roundTiesToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
