import type { BBox, TruthElement } from "../../contract/index.ts";
import { defined } from "../../contract/index.ts";
import type { DocumentElement } from "../document.ts";
import { readHoloscope } from "../formats/holoscope.ts";
import { wrongEntry } from "./checked.ts";
import type { ClickItem, DetectionItem, EvaluationFile } from "./items.ts";

/**
 * Reads a Holoscope truth file: every image is a question for all its elements, and every element with a text is one to
 * be clicked. Its text is the instruction; of several with the same text any would be right, so those are left out.
 * Throws BAD_REQUEST for a file that breaks the format.
 */
export function readOwn(value: unknown, file: string): EvaluationFile {
  const { images } = readHoloscope(value);
  const clicks: ClickItem[] = [];
  const detections: DetectionItem[] = [];
  for (const [index, { names, imageId, size, elements }] of images.entries()) {
    const image = names[0] ?? imageId;
    if (image === undefined) throw wrongEntry("a Holoscope truth file", file, index, ": it names no image");
    detections.push({ index, image, size, elements: elements.map(elementOf) });
    clicks.push(...clicksOf(elements).map((click) => ({ ...click, index: 0, image, size })));
  }
  return { dataset: "own", file, clicks: clicks.map((click, index) => ({ ...click, index })), detections };
}

const boxOf = ({ box: [x1, y1, x2, y2] }: DocumentElement): BBox => [x1, y1, x2, y2];

function elementOf(element: DocumentElement, at: number): TruthElement {
  const { label, text, point } = element;
  return { id: `t${at + 1}`, bbox: boxOf(element), ...defined({ label, text, point }) };
}

function clicksOf(
  elements: readonly DocumentElement[],
): readonly Pick<ClickItem, "instruction" | "target" | "groups">[] {
  const texts = elements.map(({ text }) => text?.trim() ?? "");
  return elements.flatMap((element, at) => {
    const instruction = texts[at] ?? "";
    if (instruction === "" || texts.indexOf(instruction) !== texts.lastIndexOf(instruction)) return [];
    const groups = element.label === undefined ? [] : [element.label];
    return [{ instruction, target: { kind: "box" as const, box: boxOf(element) }, groups }];
  });
}
