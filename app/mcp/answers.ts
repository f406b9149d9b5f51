import {
  type AnsweredRun,
  type Detection,
  defined,
  type RunSummary,
  type Size,
  type Stage,
  scaleOf,
  type ToolAnswer,
  type ToolElement,
  type ToolRunList,
  toolTextLimit,
} from "../contract/index.ts";
import { labelText } from "../presentation/labels.ts";
import { formatConfidence, formatMs, formatSize, plural } from "../presentation/numbers.ts";
import { toldConfidence } from "../presentation/texts.ts";
import { clickPoint, scaleSourceTexts, scaleText, wholeBox, wholePoint } from "../presentation/units.ts";

/** A text of any length, cut to what an answer may hold. */
function cut(text: string): string {
  return text.length <= toolTextLimit ? text : `${text.slice(0, toolTextLimit - 1)}…`;
}

function cutIfAny(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(text);
}

/** Digits beyond the fourth are noise, and each of them costs a model a token. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function toolStage({ stage, ms, reused, overlappedMs }: Stage): ToolAnswer["stages"][number] {
  const overlapped = overlappedMs === undefined ? undefined : rounded(overlappedMs);
  return { stage, ms: rounded(ms), ...defined({ reused, overlapped_ms: overlapped }) };
}

function toolElement(element: Detection, index: number, size: Size): ToolElement {
  const [x1, y1, width, height] = wholeBox(element.bbox, size);
  const [x, y] = wholePoint(clickPoint(element), size);
  const told = toldConfidence(element);
  return {
    number: index + 1,
    label: cut(element.label),
    ...defined({ text: cutIfAny(element.text), confidence: told && rounded(told) }),
    bbox: { x1, y1, x2: x1 + width, y2: y1 + height },
    click: { x, y },
  };
}

/** A run as tools answer with it: in whole px of the image, with texts of bounded length. */
export function toolAnswer(run: AnsweredRun): ToolAnswer {
  const { image, model, cached, error } = run;
  return {
    run_id: run.id,
    status: run.status,
    created_at: run.createdAt,
    mode: run.mode,
    ...defined({ target: cutIfAny(run.target) }),
    profile: run.profile,
    model: { id: cut(model.id), name: cut(model.name) },
    total_ms: rounded(run.totalMs),
    image: {
      id: image.id,
      ...defined({ name: cutIfAny(image.name) }),
      width: image.width,
      height: image.height,
      scale: scaleOf(image),
    },
    elements: run.detections.map((element, index) => toolElement(element, index, image)),
    below_min_confidence: run.belowThreshold.length,
    stages: cached === undefined ? run.stages.map(toolStage) : [],
    ...defined({ cached: cached && { run_id: cached.runId, created_at: cached.createdAt } }),
    warnings: run.warnings.map(({ message }) => cut(message)),
    ...defined({
      error: error && { code: error.code, message: cut(error.message), ...defined({ hint: cutIfAny(error.hint) }) },
    }),
  };
}

export function toolRunList(summaries: readonly RunSummary[]): ToolRunList {
  return {
    runs: summaries.map((run) => ({
      run_id: run.id,
      status: run.status,
      created_at: run.createdAt,
      mode: run.mode,
      ...defined({ target: cutIfAny(run.target) }),
      profile: run.profile,
      model: { id: cut(run.modelId), name: cut(run.modelName) },
      total_ms: run.totalMs,
      image: { id: cut(run.imageId), ...defined({ name: cutIfAny(run.imageName) }), ...run.imageSize },
      count: run.detections,
      ...defined({ name: run.name, note: run.note }),
      tags: run.tags,
    })),
  };
}

/** One line for each element, since not every client shows a model the structured answer. */
export function answerText(answer: ToolAnswer): string {
  return [head(answer), ...scaleLine(answer), ...answer.elements.map(elementLine), ...remarks(answer)].join("\n");
}

/** "24 elements in settings.png, 1,280 × 736 px, in 1.72 s." */
function head({ image, elements, mode, target, status, total_ms, cached }: ToolAnswer): string {
  const what =
    mode === "locate" ? `${plural(elements.length, "place")} of "${target}"` : plural(elements.length, "element");
  const when = cached === undefined ? ` in ${formatMs(total_ms)}` : ", as found before";
  const end = status === "done" ? when : `; the run is ${status}`;
  return `${what} in ${image.name ?? "the screenshot"}, ${formatSize(image)}${end}.`;
}

function scaleLine({ image: { scale } }: ToolAnswer): string[] {
  if (scale.value === 1) return [];
  return [
    `Coordinates are px of the image, whose scale is ${scaleText(scale.value)} (${scaleSourceTexts[scale.from]}): ` +
      `divide by ${scale.value} where clicks count in CSS px or screen points.`,
  ];
}

function elementLine({ number, label, text, click: { x, y }, confidence }: ToolElement): string {
  const quoted = text === undefined ? "" : ` "${text}"`;
  const sure = confidence === undefined ? "" : ` (confidence ${formatConfidence(confidence)})`;
  return `${number}. ${labelText(label)}${quoted}: click ${x}, ${y}${sure}`;
}

function remarks({ below_min_confidence, warnings, error }: ToolAnswer): string[] {
  const left = below_min_confidence === 0 ? [] : [`Left out for low confidence: ${below_min_confidence}.`];
  const why = error === undefined ? [] : [error.message, ...(error.hint === undefined ? [] : [error.hint])];
  return [...left, ...warnings, ...why];
}

/** One line for each run. */
export function runListText({ runs }: ToolRunList): string {
  const lines = runs.map(({ run_id, created_at, status, mode, target, image, model, count, total_ms }) => {
    const asked = mode === "locate" ? `locate "${target}"` : mode;
    const found = status === "done" ? `${plural(count, "element")} in ${formatMs(total_ms)}` : status;
    return `${run_id}: ${created_at}, ${asked} in ${image.name ?? image.id} with ${model.name}, ${found}`;
  });
  return [runs.length === 0 ? "There are no runs." : `${plural(runs.length, "run")}, the newest first.`, ...lines].join(
    "\n",
  );
}
