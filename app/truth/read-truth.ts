import { runSchemaName, type Truth } from "../contract/index.ts";
import { isClassFile } from "./class-names.ts";
import { invalidTruth, mergedSkips, type ReadImages, skipsText, type TruthDocument } from "./document.ts";
import { readCoco, readCocoResults } from "./formats/coco.ts";
import { isDomEntry, readDom } from "./formats/dom.ts";
import { entryFormat, readEntries } from "./formats/entries.ts";
import { isParseAnswer, readHoloscope, readParseAnswer, truthFileSchemaName } from "./formats/holoscope.ts";
import { isLabelStudioTask, readLabelStudio } from "./formats/label-studio.ts";
import { isLabelMe, isVia, readLabelMe, readVia } from "./formats/polygons.ts";
import { readXml, xmlFormat } from "./formats/xml.ts";
import { isYolo, readYolo } from "./formats/yolo.ts";
import { isRecord } from "./loose.ts";
import { lenientJson, parsedXml } from "./parse-text.ts";

export const formatNames: Readonly<Record<Truth["format"], string>> = {
  coco: "COCO",
  "coco-results": "COCO results",
  screenspot: "ScreenSpot",
  "osworld-g": "OSWorld-G",
  holoscope: "Holoscope",
  parse: "/parse answer",
  dom: "DOM export",
  uiautomator: "UIAutomator",
  omniparser: "OmniParser",
  qwen: "Qwen-VL answer",
  boxes: "List of boxes",
  yolo: "YOLO",
  voc: "Pascal VOC",
  cvat: "CVAT",
  "label-studio": "Label Studio",
  labelme: "LabelMe",
  via: "VGG Image Annotator",
};

/** What an error about an unknown file tells. */
export const knownFormats =
  "Read are COCO, ScreenSpot, OSWorld-G, YOLO, Pascal VOC, CVAT for images, Label Studio, LabelMe, VGG Image Annotator, UIAutomator, DOM exports with boundingBox or rect, OmniParser, Qwen-VL, /parse answers and Holoscope's own files.";

/** Formats that are JSON, and so told by the value alone. */
type JsonFormat = Exclude<Truth["format"], "yolo" | "voc" | "cvat" | "uiautomator">;

const jsonReaders: Readonly<Record<JsonFormat, (value: unknown) => ReadImages>> = {
  coco: readCoco,
  "coco-results": readCocoResults,
  screenspot: (value) => readEntries(value, "screenspot"),
  "osworld-g": (value) => readEntries(value, "osworld-g"),
  omniparser: (value) => readEntries(value, "omniparser"),
  qwen: (value) => readEntries(value, "qwen"),
  boxes: (value) => readEntries(value, "boxes"),
  holoscope: readHoloscope,
  parse: readParseAnswer,
  dom: readDom,
  "label-studio": readLabelStudio,
  labelme: readLabelMe,
  via: readVia,
};

/** So many entries of a list are looked at before it counts as of no known kind: the first ones may be bad. */
const lookedAt = 50;

interface Recognised {
  readonly format: JsonFormat;
  /** What the reader is to be given: the value or the list in it. */
  readonly value: unknown;
}

function recognised(value: unknown): Recognised | undefined {
  if (Array.isArray(value)) return listKind(value);
  if (!isRecord(value)) return undefined;
  if (value.schema === truthFileSchemaName || value.schema === runSchemaName) return { format: "holoscope", value };
  if (isLabelStudioTask(value)) return { format: "label-studio", value };
  if (isLabelMe(value)) return { format: "labelme", value };
  if (isCoco(value)) return { format: "coco", value };
  if (isParseAnswer(value)) return { format: "parse", value };
  if (isVia(value)) return { format: "via", value };
  // A list below a name: {"elements": [...]} of page exports, {"parsed_content_list": [...]} of OmniParser's server.
  for (const field of ["elements", "parsed_content_list", "annotations", "detections", "data", "results", "boxes"]) {
    const list = value[field];
    const found = Array.isArray(list) ? listKind(list) : undefined;
    if (found !== undefined)
      return found.format === "dom" ? { format: "dom", value: { ...value, elements: list } } : found;
  }
  const single = entryFormat(value);
  return single === undefined ? undefined : { format: single, value: [value] };
}

function isCoco(value: Readonly<Record<string, unknown>>): boolean {
  if (!("annotations" in value)) return false;
  const [first] = Array.isArray(value.annotations) ? value.annotations : [];
  return "images" in value || "categories" in value || (isRecord(first) && "image_id" in first);
}

function listKind(list: readonly unknown[]): Recognised | undefined {
  for (const entry of list.slice(0, lookedAt)) {
    const format = entryKind(entry);
    if (format !== undefined) return { format, value: list };
  }
  return undefined;
}

function entryKind(entry: unknown): JsonFormat | undefined {
  if (isLabelStudioTask(entry)) return "label-studio";
  if (isDomEntry(entry)) return "dom";
  if (isRecord(entry) && "image_id" in entry && "bbox" in entry) return "coco-results";
  return entryFormat(entry);
}

/** By its shape alone what kind of truth a JSON value is, if any. Whether it keeps to the format is not looked at. */
export function truthKind(value: unknown): Truth["format"] | undefined {
  return recognised(value)?.format;
}

/** What tells formats apart, without a byte order mark and spaces. */
function beginOf(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/^\ufeff/, "")
    .trimStart();
}

/** Whether a file that is no valid JSON may be truth all the same, or names the classes of one. */
export function mayBeTruth(text: string, name: string): boolean {
  if (isClassFile(name)) return true;
  const begin = beginOf(text);
  return begin.startsWith("<") || /^(?:[[{]|```)/.test(begin) || isYolo(text);
}

export interface TruthFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads a truth file of any format, by its content. Bad entries are skipped and counted.
 * @param classes names of YOLO's classes. Throws BAD_REQUEST saying what is wrong, or which formats are read.
 */
export async function readTruth({ name, text }: TruthFile, classes: readonly string[] = []): Promise<TruthDocument> {
  const begin = beginOf(text);
  if (begin.startsWith("<")) {
    const document = await parsedXml(text);
    const format = xmlFormat(document);
    if (format === undefined) throw unknownTruth();
    return documentOf(format, name, readXml(document, format));
  }
  if (isYolo(text)) return documentOf("yolo", name, readYolo(text, name, classes));
  if (!/^(?:[[{"\d]|```)/.test(begin)) throw unknownTruth();
  return readTruthValue(await lenientJson(text), name);
}

/** As `readTruth`, of JSON that is parsed already. @param source name of the file. */
export function readTruthValue(value: unknown, source: string): TruthDocument {
  const found = recognised(value);
  if (found === undefined) throw unknownTruth();
  return documentOf(found.format, source, jsonReaders[found.format](found.value));
}

/** Throws BAD_REQUEST for a file of which nothing can be used: its truth would be that the images are empty. */
function documentOf(format: Truth["format"], source: string, { images, skipped = [] }: ReadImages): TruthDocument {
  const lost = mergedSkips(skipped, ...images.map((image) => image.skipped));
  if (lost.length > 0 && images.every(({ elements }) => elements.length === 0)) {
    throw invalidTruth(
      `This looks like ${formatNames[format]}, but nothing in it can be used: ${skipsText(lost)}.`,
      "Export it again, with boxes.",
    );
  }
  if (images.length === 0) throw invalidTruth("The file is about no image.", "Choose a file that lists images.");
  return { format, source, images, skipped };
}

function unknownTruth() {
  return invalidTruth("The file is no ground truth that Holoscope knows.", knownFormats);
}
