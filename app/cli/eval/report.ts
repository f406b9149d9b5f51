import { group, median } from "d3-array";
import {
  type DatasetReport,
  type DetectionFigures,
  defined,
  type Evaluation,
  type EvaluationItem,
  evaluationSchemaName,
} from "../../contract/index.ts";
import { formatCount, plural } from "../../presentation/numbers.ts";
import { columnsOf } from "../../truth/click/columns.ts";
import { osworldCategories } from "../../truth/click/osworld-g.ts";
import { isWhole, publishedRows } from "../../truth/click/published.ts";
import { measure } from "../../truth/metrics.ts";
import { appVersion } from "../version.ts";
import type { Asked } from "./asked.ts";
import type { Sample } from "./options.ts";
import type { Plan, PlannedItem, PlannedSet } from "./plan.ts";
import type { Score } from "./score.ts";

/** Everything that an evaluation found, of which the other reports are views. @param scores of all planned items */
export function evaluationOf(
  plan: Plan,
  scores: readonly Score[],
  asked: Asked,
  sample: Sample | undefined,
): Evaluation {
  const byItem = new Map<PlannedItem, Score>(scores.map((score) => [score.planned, score]));
  const sets = plan.sets.map((set) => ({ set, scores: set.items.flatMap((item) => byItem.get(item) ?? []) }));
  const answered = scores.filter(({ error }) => error === undefined);
  const clicks = answered.filter(({ planned }) => planned.kind === "click");
  // Two items that ask the same of the same image share one answer.
  const lines = [...new Set(answered.map(({ line }) => line))];
  const times = lines.flatMap(({ ms }) => ms ?? []);
  return {
    schema: evaluationSchemaName,
    version: 1,
    createdAt: new Date().toISOString(),
    app: { version: appVersion },
    model: { id: asked.model.id, name: asked.model.name },
    settings: { profile: asked.profile, backend: asked.backend, fields: { ...asked.fields("locate") } },
    ...defined({ sample }),
    answers: {
      points: clicks.filter(({ line }) => line.fromBox === false).length,
      boxes: clicks.filter(({ line }) => line.fromBox === true).length,
      nothing: clicks.filter(({ line }) => line.point === undefined).length,
      errors: scores.length - answered.length,
    },
    time: {
      medianMs: median(times) ?? null,
      answers: times.length,
      reused: lines.filter(({ reused }) => reused === true).length,
    },
    datasets: sets.map(({ set, scores: own }) => datasetReport(set, own, sample)),
    items: sets.flatMap(({ scores: own }) => own.map(itemOf)),
  };
}

function datasetReport(
  { files, items }: PlannedSet,
  scores: readonly Score[],
  sample: Sample | undefined,
): DatasetReport {
  const [first] = files;
  const dataset = first?.dataset ?? "own";
  const clicks = files.reduce((sum, file) => sum + file.clicks.length, 0);
  const scored = scores.flatMap(({ planned, correct, error }) =>
    planned.kind === "click"
      ? [{ groups: planned.item.groups, correct: correct === true, failed: error !== undefined }]
      : [],
  );
  const published = publishedRows(dataset, first?.split, clicks);
  const detection = detectionOf(scores);
  return {
    dataset,
    files: files.map(({ file }) => file),
    itemsInFiles: clicks,
    whole: isWhole(dataset, clicks),
    ...columnsOf(dataset, scored),
    published: [...published],
    notes: [
      ...notesOf(items, scores, { clicks, sampled: scored.length, sample, dataset, published: published.length }),
    ],
    ...defined({ split: first?.split, detection: detection.length === 0 ? undefined : [...detection] }),
  };
}

interface SetFacts {
  readonly clicks: number;
  readonly sampled: number;
  readonly sample: Sample | undefined;
  readonly dataset: DatasetReport["dataset"];
  readonly published: number;
}

function notesOf(items: readonly PlannedItem[], scores: readonly Score[], facts: SetFacts): readonly string[] {
  const { clicks, sampled, sample, dataset, published } = facts;
  const beyond = scores.filter((score) => score.beyond).length;
  const categories = new Set(Object.values(osworldCategories));
  const classified = items.some(
    ({ kind, item }) => kind === "click" && item.groups.some((name) => categories.has(name)),
  );
  const notes = [
    sampled < clicks && sample !== undefined
      ? `A sample: ${formatCount(sampled)} of ${plural(clicks, "item")}, drawn with the seed ${sample.seed}.`
      : undefined,
    sampled < clicks && published > 0
      ? "The published figures are of the whole, the own ones of the sample."
      : undefined,
    dataset !== "own" && published === 0
      ? "No published figures are shown: these are not the items, or not the split, that they are about."
      : undefined,
    beyond > 0
      ? `${plural(beyond, "box", "boxes")} reach beyond their images, so the annotation may be of another version.`
      : undefined,
    dataset === "osworld-g" && !classified
      ? "Without the benchmark's classification_result.json there are no columns by category."
      : undefined,
  ];
  return notes.filter((note) => note !== undefined);
}

/** Figures of each image where every element was asked for, and of all together. */
function detectionOf(scores: readonly Score[]): readonly DetectionFigures[] {
  const measured = scores.flatMap(({ planned, match }) => (match === undefined ? [] : [{ name: planned.path, match }]));
  const byImage = group(measured, ({ name }) => name);
  const rows = [...byImage].map(([name, own]) => ({ name, ...measure(own.map(({ match }) => match)) }));
  if (rows.length < 2) return rows;
  return [...rows, { name: "together", ...measure(measured.map(({ match }) => match)) }];
}

function itemOf({ planned, line, correct, error }: Score): EvaluationItem {
  const { file, item } = planned;
  const isClick = planned.kind === "click";
  return {
    dataset: file.dataset,
    file: file.file,
    index: item.index,
    image: planned.path,
    imageId: line.key.image,
    instruction: isClick ? planned.item.instruction : null,
    groups: isClick ? [...planned.item.groups] : [],
    ...defined({
      split: file.split,
      correct,
      runId: line.runId,
      point: line.point,
      ms: line.ms,
      reused: line.reused,
      error,
    }),
  };
}
