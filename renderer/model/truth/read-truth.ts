import { runSchemaName, type Truth } from "../../../app/contract/index.ts";
import { invalidTruth, type TruthDocument } from "./document.ts";
import { readCoco } from "./formats/coco.ts";
import { readDom } from "./formats/dom.ts";
import { readHoloscope, truthFileSchemaName } from "./formats/holoscope.ts";
import { readScreenSpot } from "./formats/screenspot.ts";

export const formatNames: Readonly<Record<Truth["format"], string>> = {
  coco: "COCO",
  screenspot: "ScreenSpot",
  holoscope: "Holoscope",
  dom: "DOM export",
};

const readers = { coco: readCoco, screenspot: readScreenSpot, holoscope: readHoloscope, dom: readDom } as const;

/** Detections in COCO's result format, which are easily taken for its truth. */
type Kind = Truth["format"] | "coco-results";

/** By its shape alone what kind of truth a JSON document is, if any. Whether it keeps to the format is not looked at. */
export function truthKind(value: unknown): Kind | undefined {
  if (Array.isArray(value)) return entryKind(value.find((entry) => typeof entry === "object" && entry !== null));
  if (typeof value !== "object" || value === null) return undefined;
  const schema: unknown = Reflect.get(value, "schema");
  if (schema === truthFileSchemaName || schema === runSchemaName) return "holoscope";
  if ("annotations" in value && "images" in value) return "coco";
  if ("elements" in value && Array.isArray(value.elements))
    return entryKind(value.elements[0]) === "dom" ? "dom" : undefined;
  return undefined;
}

function entryKind(entry: unknown): Kind | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  if ("boundingBox" in entry) return "dom";
  if (!("bbox" in entry)) return undefined;
  if ("image_id" in entry && "score" in entry) return "coco-results";
  return "img_filename" in entry || "file_name" in entry ? "screenspot" : undefined;
}

/** Reads a parsed truth file. @param source its name. Throws BAD_REQUEST saying what is wrong and what is expected. */
export function readTruth(value: unknown, source: string): TruthDocument {
  const kind = truthKind(value);
  if (kind === undefined) {
    throw invalidTruth(
      "The file is no ground truth that Holoscope knows.",
      "Use COCO, ScreenSpot, a DOM export with boundingBox, or Holoscope's own JSON.",
    );
  }
  if (kind === "coco-results") {
    throw invalidTruth(
      "These are COCO results, which hold detections and no ground truth.",
      "Open the COCO annotations.",
    );
  }
  return { format: kind, source, images: readers[kind](value) };
}
