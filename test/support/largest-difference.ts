/** Largest distance of values at the same place; infinite if the lengths differ or a value is not a number. */
export function largestDifference(given: Float32Array | undefined, reference: Float32Array): number {
  if (given === undefined || given.length !== reference.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [index, value] of reference.entries()) {
    const here = Math.abs(value - (given[index] ?? Number.NaN));
    if (Number.isNaN(here)) return Number.POSITIVE_INFINITY;
    if (here > largest) largest = here;
  }
  return largest;
}
