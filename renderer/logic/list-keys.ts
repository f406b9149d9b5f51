/**
 * Where a key leads in a list of `count` rows from the row `index` (-1: none): one down or up, or to an end. Undefined
 * for every other key; -1 in an empty list where the key leads to its last row.
 */
export function rowAfterKey(key: string, index: number, count: number): number | undefined {
  const last = count - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, index + 1);
    case "ArrowUp":
      return index < 0 ? last : Math.max(0, index - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}
