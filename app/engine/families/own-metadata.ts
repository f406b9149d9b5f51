import { z } from "zod";
import { defined, type MinConfidences, minConfidencesSchema } from "../../contract/index.ts";
import { type GgufHeader, metadataArray } from "../../gguf/header.ts";
import type { Calibration } from "../answer/calibration.ts";

/** What a model file may say about itself to Holoscope, under keys of our own; each is absent if missing or malformed. */
export interface OwnMetadata {
  /** `holoscope.labels`: every label that the model writes. */
  readonly labels?: readonly string[];
  /** `holoscope.label_colours`, by label: "#rrggbb". */
  readonly labelColors?: ReadonlyMap<string, string>;
  /** `holoscope.confidence.raw` and `.calibrated`. */
  readonly calibration?: Calibration;
  /** `holoscope.confidence.threshold.*`, rounded to four digits: the file holds them as float32. */
  readonly minConfidence?: MinConfidences;
}

/** Keys of the metadata; written by training/evaluation/calibrate.ts and training/detector/model.py. */
export const ownKeys = {
  labels: "holoscope.labels",
  labelColors: "holoscope.label_colours",
  raw: "holoscope.confidence.raw",
  calibrated: "holoscope.confidence.calibrated",
  threshold: "holoscope.confidence.threshold",
} as const;

const labelsSchema = z
  .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 _-]{0,59}$/))
  .min(1)
  .refine((labels) => new Set(labels).size === labels.length);
const colorsSchema = z.array(z.string().regex(/^#[0-9a-f]{6}$/i));
const knotsSchema = z.array(z.number().min(0).max(1)).min(2);
const calibrationSchema = z
  .object({ raw: knotsSchema, calibrated: knotsSchema })
  .refine(({ raw, calibrated }) => raw.length === calibrated.length)
  // The map has one value for each raw confidence, and a higher one never means less.
  .refine(({ raw }) => raw.every((value, index) => index === 0 || value > (raw[index - 1] ?? 0)))
  .refine(({ calibrated }) => calibrated.every((value, index) => index === 0 || value >= (calibrated[index - 1] ?? 0)));

/** Reads the keys under `holoscope.` of a language model's metadata. Never throws. */
export function readOwnMetadata(model: GgufHeader): OwnMetadata {
  const labels = labelsSchema.safeParse(metadataArray(model, ownKeys.labels)).data;
  const colors = colorsSchema.safeParse(metadataArray(model, ownKeys.labelColors)).data;
  const calibration = calibrationSchema.safeParse({
    raw: metadataArray(model, ownKeys.raw),
    calibrated: metadataArray(model, ownKeys.calibrated),
  }).data;
  const minConfidence = thresholds(model);
  return {
    ...defined({ labels }),
    ...(labels === undefined || colors?.length !== labels.length
      ? {}
      : { labelColors: new Map(labels.map((label, index) => [label, (colors[index] ?? "").toLowerCase()])) }),
    ...defined({ calibration, minConfidence }),
  };
}

function thresholds({ metadata }: GgufHeader): MinConfidences | undefined {
  const rounded = (value: unknown) => (typeof value === "number" ? Math.round(value * 10_000) / 10_000 : value);
  return minConfidencesSchema.safeParse({
    speed: rounded(metadata[`${ownKeys.threshold}.speed`]),
    balanced: rounded(metadata[`${ownKeys.threshold}.balanced`]),
    quality: rounded(metadata[`${ownKeys.threshold}.quality`]),
  }).data;
}
