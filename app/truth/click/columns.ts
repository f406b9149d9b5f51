import type { Accuracy, DatasetReport, EvaluationDataset } from "../../contract/index.ts";
import { osworldCategories, refusalColumn, withoutRefusalsColumn } from "./osworld-g.ts";
import { columnOf, elementTypes, platforms, proGroups } from "./screenspot.ts";
import { wilsonInterval } from "./wilson.ts";

/** An item that was asked. */
export interface ScoredItem {
  readonly groups: readonly string[];
  readonly correct: boolean;
  /** There is no answer; the item counts as wrong. */
  readonly failed: boolean;
}

export const allColumn = "all";
const byPlatform = platforms.flatMap((platform) => elementTypes.map((type) => columnOf(platform, type)));
const byGroup = proGroups.flatMap((group) => elementTypes.map((type) => columnOf(group, type)));

/** The columns in the order of the benchmarks' papers; those of own truth are the labels that it has. */
function columnNames(dataset: EvaluationDataset, items: readonly ScoredItem[]): readonly string[] {
  const found = new Set(items.flatMap(({ groups }) => groups));
  switch (dataset) {
    case "screenspot":
    case "screenspot-v2":
      return byPlatform;
    case "screenspot-pro":
      return [...byGroup, ...elementTypes];
    case "osworld-g":
      return [...Object.values(osworldCategories), refusalColumn, withoutRefusalsColumn].filter((name) =>
        found.has(name),
      );
    case "own":
      return [...found].sort();
  }
}

/** Accuracy of some items. */
export function accuracyOf(items: readonly ScoredItem[]): Accuracy {
  const correct = items.filter((item) => item.correct).length;
  const [low, high] = wilsonInterval(correct, items.length) ?? [null, null];
  return {
    correct,
    items: items.length,
    errors: items.filter(({ failed }) => failed).length,
    accuracy: items.length === 0 ? null : correct / items.length,
    low,
    high,
  };
}

/**
 * Accuracy by the columns of the benchmark's paper, and of all items. The mean of the columns, which ScreenSpot's paper
 * calls average, counts each column the same; it has no meaning if one is empty.
 */
export function columnsOf(
  dataset: EvaluationDataset,
  items: readonly ScoredItem[],
): Pick<DatasetReport, "columns" | "columnMean"> {
  const names = columnNames(dataset, items);
  const columns = names.map((name) => ({ name, ...accuracyOf(items.filter(({ groups }) => groups.includes(name))) }));
  const parts = columns.map(({ accuracy }) => accuracy);
  const known = parts.filter((part) => part !== null);
  const isMean = dataset.startsWith("screenspot") && dataset !== "screenspot-pro" && known.length === parts.length;
  return {
    columns: [...columns, { name: allColumn, ...accuracyOf(items) }],
    ...(isMean ? { columnMean: known.reduce((sum, part) => sum + part, 0) / known.length } : {}),
  };
}
