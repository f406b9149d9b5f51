const colors = 8;

/** CSS colour of a series by its place; they repeat after the eighth. */
export function seriesColor(index: number): string {
  return `var(--series-${(index % colors) + 1})`;
}
