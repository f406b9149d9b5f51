import { commonLabels, labelHash, labelKey } from "./labels.ts";

/** Ids of other labels begin here, with room for the table to grow. */
const firstOther = 1000;
/** Ids stay below 2^31, which tools in C keep them in. */
const others = 2 ** 30;

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
  readonly supercategory: string;
}

/**
 * COCO categories of labels, by the label as written. A label has the same id in every file, so that files can be
 * brought together: the place of a common one, from 1, the hash of any other. All common ones are listed, whether they occur or
 * not. Labels that differ only in case and separators are one category.
 */
export function cocoCategories(labels: readonly string[]): {
  readonly categories: readonly CocoCategory[];
  readonly idOf: ReadonlyMap<string, number>;
} {
  const ids = new Map(commonLabels.map((name, index) => [name, index + 1]));
  const taken = new Set(ids.values());
  for (const name of [...new Set(labels.map(labelKey))].sort()) {
    if (ids.has(name)) continue;
    // Two of a hundred labels share a hash once in 200,000 files; the second then takes the next number.
    let place = labelHash(name) % others;
    while (taken.has(firstOther + place)) place = (place + 1) % others;
    taken.add(firstOther + place);
    ids.set(name, firstOther + place);
  }
  return {
    categories: [...ids].map(([name, id]) => ({ id, name, supercategory: "ui" })),
    idOf: new Map(labels.map((label) => [label, ids.get(labelKey(label)) ?? 0])),
  };
}
