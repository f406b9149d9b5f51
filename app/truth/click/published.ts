import type { EvaluationDataset, PublishedRow } from "../../contract/index.ts";
import { defined } from "../../contract/index.ts";
import { osworldCategories, refusalColumn } from "./osworld-g.ts";
import { columnOf, elementTypes, platforms, proGroups } from "./screenspot.ts";

/** Where figures were read, and the date of what was read. */
const leaderboard = {
  source: "ScreenSpot-Pro's authors' leaderboard, github.com/GUI-Agent/grounding-leaderboard, commit ef17af0",
  date: "2026-07-29",
};
const seeClick = { source: "SeeClick's authors, github.com/njucckevin/SeeClick, readme.md", date: "2024" };
const osworldG = {
  source: "OSWorld-G's authors, osworld-grounding.github.io, commit d8bb7e0",
  date: "2025-08-08",
};
const holo2 = { source: "H Company, huggingface.co/blog/Hcompany/introducing-holo2-235b-a22b", date: "2026-02-03" };

const platformColumns = platforms.flatMap((platform) => elementTypes.map((type) => columnOf(platform, type)));
const proColumns = [
  ...proGroups.flatMap((group) => elementTypes.map((type) => columnOf(group, type))),
  ...elementTypes,
  "all",
];
const osworldColumns = [...Object.values(osworldCategories), refusalColumn, "all"];

type Origin = Pick<PublishedRow, "source" | "date">;

/** Percent in the order of the columns, as published or rounded to one decimal. */
function row(
  model: string,
  columns: readonly string[],
  figures: readonly number[],
  origin: Origin,
  note?: string,
): PublishedRow {
  const percent = Object.fromEntries(
    columns.flatMap((column, at) => (figures[at] === undefined ? [] : [[column, figures[at]]])),
  );
  return { model, percent, ...origin, ...defined({ note }) };
}

/**
 * H Company divides 1,271 items of v2 among the platforms in another way (306 desktop, 448 mobile, 517 web, by its
 * fractions), so its columns are not those of the authors' files.
 */
const otherPlatforms = "of 1,271 items, which it divides otherwise among platforms; only the whole is comparable";

const rows: Readonly<Record<Exclude<EvaluationDataset, "own">, readonly PublishedRow[]>> = {
  screenspot: [
    row("SeeClick", [...platformColumns, "mean"], [78.0, 52.0, 72.2, 30.0, 55.7, 32.5, 53.4], seeClick),
    row("CogAgent", [...platformColumns, "mean"], [67.0, 24.0, 74.2, 20.0, 70.4, 28.6, 47.4], seeClick),
  ],
  "screenspot-v2": [
    row("Holo1.5-3B", ["all"], [91.7], leaderboard, otherPlatforms),
    row("Holo1.5-7B", ["all"], [93.3], leaderboard, otherPlatforms),
    row("Holo2-4B", ["all"], [93.2], leaderboard, otherPlatforms),
    row("Holo2-8B", ["all"], [93.2], leaderboard, otherPlatforms),
    row("UI-Venus-7B", [...platformColumns, "all"], [99.0, 90.0, 96.9, 90.7, 96.2, 88.7, 94.1], leaderboard),
    row("Qwen2.5-VL-7B-Instruct", [...platformColumns, "all"], [99.0, 84.4, 87.6, 65.7, 90.2, 79.8, 86.5], leaderboard),
  ],
  "screenspot-pro": [
    row(
      "Holo1.5-3B",
      proColumns,
      [50.3, 34.4, 73.4, 28.3, 63.1, 22.4, 72.9, 40.0, 78.0, 34.0, 50.5, 25.8, 64.9, 29.8, 51.5],
      leaderboard,
    ),
    row(
      "Holo1.5-7B",
      proColumns,
      [53.8, 31.3, 74.7, 46.2, 64.6, 30.8, 81.3, 44.5, 81.9, 56.6, 56.1, 39.3, 68.7, 40.6, 57.9],
      leaderboard,
    ),
    row(
      "Holo2-4B",
      proColumns,
      [44.2, 31.3, 79.2, 39.3, 63.6, 25.9, 80.6, 36.4, 85.3, 54.7, 76.6, 42.7, 70.0, 36.6, 57.2],
      leaderboard,
    ),
    row(
      "Holo2-8B",
      proColumns,
      [57.9, 35.9, 68.2, 42.1, 68.7, 29.4, 79.9, 36.4, 88.1, 52.8, 69.2, 41.6, 71.6, 38.2, 58.9],
      leaderboard,
    ),
    row(
      "Holo2-8B (Agentic)",
      proColumns,
      [68.0, 65.6, 69.5, 74.5, 63.6, 64.3, 76.4, 79.1, 75.7, 73.6, 77.6, 75.3, 71.0, 72.0, 71.4],
      leaderboard,
      "looks several times, as --refine does",
    ),
    row("Holo2-235B-A22B", ["all"], [70.6], holo2, "in a single step; 78.5 within three"),
    row(
      "GTA1-7B",
      proColumns,
      [57.9, 23.4, 73.4, 30.3, 67.2, 26.6, 70.8, 35.5, 83.6, 62.3, 56.1, 42.7, 68.6, 34.3, 55.5],
      leaderboard,
    ),
    row(
      "UI-TARS-1.5",
      proColumns,
      [65.5, 35.9, 84.4, 42.1, 71.7, 21.0, 89.6, 42.7, 83.6, 66.0, 62.6, 37.1, 76.3, 37.9, 61.6],
      leaderboard,
    ),
    row(
      "Qwen2.5-VL-7B-Instruct",
      proColumns,
      [16.8, 1.6, 46.8, 4.1, 35.9, 7.7, 49.3, 7.3, 52.5, 20.8, 37.4, 6.7, 38.9, 7.1, 26.8],
      leaderboard,
    ),
  ],
  "osworld-g": [
    row("Jedi-7B", osworldColumns, [65.9, 55.5, 57.7, 46.9, 7.4, 54.1], osworldG),
    row("Jedi-3B", osworldColumns, [67.4, 53.0, 53.8, 44.3, 7.4, 50.9], osworldG),
    row("UI-TARS-7B", osworldColumns, [60.2, 51.8, 54.9, 35.6, 0.0, 47.5], osworldG),
    row("Gemini-2.5-Pro", osworldColumns, [59.8, 45.5, 49.0, 33.6, 38.9, 45.2], osworldG),
    row("Operator", osworldColumns, [51.3, 42.4, 46.6, 31.5, 0.0, 40.6], osworldG),
  ],
};

/** Items that each benchmark has; a file with fewer is not it. */
const wholeItems: Readonly<Record<Exclude<EvaluationDataset, "own">, number>> = {
  screenspot: 1272,
  "screenspot-v2": 1272,
  "screenspot-pro": 1581,
  "osworld-g": 564,
};

/** Whether so many items are the whole benchmark. */
export function isWhole(dataset: EvaluationDataset, items: number): boolean {
  return dataset !== "own" && items === wholeItems[dataset];
}

/**
 * What others published about the very same dataset and split; none for a part of a benchmark, or another one in its
 * format. OSWorld-G's figures are of its original instructions.
 */
export function publishedRows(
  dataset: EvaluationDataset,
  split: string | undefined,
  items: number,
): readonly PublishedRow[] {
  if (dataset === "own" || !isWhole(dataset, items)) return [];
  return split === undefined || split === "original instructions" ? rows[dataset] : [];
}
