import type { AnswerLine, ErrorInfo, Point, TruthElement } from "../../contract/index.ts";
import { formatSize } from "../../presentation/numbers.ts";
import { isRight, scaleTo } from "../../truth/click/items.ts";
import { defaultRule, matchTruth, type TruthMatch } from "../../truth/match.ts";
import type { PlannedItem } from "./plan.ts";

/** What an answer is worth. */
export interface Score {
  readonly planned: PlannedItem;
  readonly line: AnswerLine;
  /** False for an item without an answer; absent where every element was asked for. */
  readonly correct?: boolean | undefined;
  /** Of a question for every element; an image without an answer misses all. */
  readonly match?: TruthMatch | undefined;
  /** Why the item could not be answered or scored. */
  readonly error?: ErrorInfo | undefined;
  /** The truth reaches beyond the image, which speaks for a wrong file. */
  readonly beyond: boolean;
}

/** Holds an answer against what is known. */
export function scoreOf(planned: PlannedItem, line: AnswerLine): Score {
  const { size } = planned.item;
  const scale = line.imageSize === undefined ? undefined : scaleTo(size, line.imageSize);
  const error = line.error ?? (scale === undefined ? otherPicture(planned, line) : undefined);
  const own = { planned, line, error, beyond: reachesBeyond(planned, line, scale) };
  const [scaleX, scaleY] = scale ?? [1, 1];
  if (planned.kind === "click") {
    return { ...own, correct: error === undefined && isRight(planned.item.target, line.point, [scaleX, scaleY]) };
  }
  const elements = planned.item.elements.map((element) => scaled(element, scaleX, scaleY));
  return { ...own, match: matchTruth(elements, error === undefined ? (line.elements ?? []) : [], defaultRule) };
}

function scaled(element: TruthElement, x: number, y: number): TruthElement {
  const [x1, y1, x2, y2] = element.bbox;
  return { ...element, bbox: [x1 * x, y1 * y, x2 * x, y2 * y] };
}

function otherPicture({ item: { size } }: PlannedItem, { imageSize }: AnswerLine): ErrorInfo {
  const sizes =
    size === undefined || imageSize === undefined ? "" : `: ${formatSize(size)} and ${formatSize(imageSize)}`;
  return {
    code: "BAD_REQUEST",
    message: `The annotation was made for a picture of another shape than the image has${sizes}.`,
    hint: "Get the benchmark's own images.",
  };
}

function reachesBeyond({ kind, item }: PlannedItem, { imageSize }: AnswerLine, scale: Point | undefined): boolean {
  if (kind !== "click" || item.target.kind !== "box" || imageSize === undefined || scale === undefined) return false;
  const [, , x2, y2] = item.target.box;
  return x2 * scale[0] > imageSize.width * 1.01 || y2 * scale[1] > imageSize.height * 1.01;
}
