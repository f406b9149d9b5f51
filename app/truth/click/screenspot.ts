import { z } from "zod";
import type { EvaluationDataset } from "../../contract/index.ts";
import { invalidTruth } from "../document.ts";
import { isRecord } from "../loose.ts";
import {
  checkedEntries,
  imageNameSchema,
  instructionSchema,
  sidesSchema,
  wrongEntry,
  xywhSchema,
  xyxySchema,
} from "./checked.ts";
import type { ClickItem, EvaluationFile } from "./items.ts";

export const platforms = ["mobile", "desktop", "web"] as const;
export const proGroups = ["CAD", "Dev", "Creative", "Scientific", "Office", "OS"] as const;
export const elementTypes = ["text", "icon"] as const;
type Platform = (typeof platforms)[number];

/** The column of a platform or group and a kind of element: "mobile text", "CAD icon". */
export const columnOf = (group: string, type: string): string => `${group} ${type}`;

/**
 * ScreenSpot (njucckevin/SeeClick, readme.md and pretrain/screenspot_test.py) and ScreenSpot-v2 (OS-Copilot/ScreenSpot-v2):
 * a file for each platform, `bbox` [x, y, width, height] in px. The two have the same fields, so only the file's name
 * tells the version.
 */
const entrySchema = z.object({
  img_filename: imageNameSchema,
  instruction: instructionSchema,
  bbox: xywhSchema,
  data_type: z.enum(elementTypes),
  data_source: z.string().min(1).max(100),
});

/**
 * ScreenSpot-Pro (likaixin2000/ScreenSpot-Pro-GUI-Grounding, eval_screenspot_pro.py): a file for each application and
 * system, `bbox` [x1, y1, x2, y2] in px of `img_size`.
 */
const proEntrySchema = z.object({
  img_filename: imageNameSchema,
  instruction: instructionSchema,
  bbox: xyxySchema,
  img_size: sidesSchema,
  ui_type: z.enum(elementTypes),
  group: z.enum(proGroups),
  application: z.string().min(1).max(200),
  platform: z.string().min(1).max(100),
});

const sourcePlatforms: Readonly<Record<string, Platform>> = {
  ios: "mobile",
  android: "mobile",
  macos: "desktop",
  windows: "desktop",
  gitlab: "web",
  shop: "web",
  forum: "web",
  tool: "web",
};

const isEntry = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && "img_filename" in value && "bbox" in value;

/** Whether an entry is one of ScreenSpot or ScreenSpot-v2, by its fields. */
export function isScreenSpot(entry: unknown): boolean {
  return isEntry(entry) && "data_type" in entry && !("ui_type" in entry);
}

/** Whether an entry is one of ScreenSpot-Pro, by its fields. */
export function isScreenSpotPro(entry: unknown): boolean {
  return isEntry(entry) && "ui_type" in entry;
}

/** Reads ScreenSpot or v2. Throws BAD_REQUEST naming the entry that breaks the format. */
export function readScreenSpot(list: readonly unknown[], file: string): EvaluationFile {
  const entries = checkedEntries(entrySchema, list, "ScreenSpot", file);
  if (entries.length > 0 && entries.every(({ bbox }) => bbox.every((side) => side <= 1.01))) {
    throw invalidTruth(
      `${file} looks like ScreenSpot, but all its boxes are fractions of their images.`,
      "Holoscope evaluates the files of the authors, whose boxes are px: screenspot_web.json and the like.",
    );
  }
  const named = platformOfName(file);
  const clicks = entries.map(
    ({ img_filename: image, instruction, bbox, data_type: type, data_source }, index): ClickItem => {
      const platform = named ?? sourcePlatforms[data_source.toLowerCase()];
      if (platform === undefined) {
        throw wrongEntry("ScreenSpot", file, index, `, field "data_source": "${data_source}" is of no known platform`);
      }
      const [x, y, width, height] = bbox;
      const box = [x, y, x + width, y + height] as const;
      return { index, image, instruction, target: { kind: "box", box: [...box] }, groups: [columnOf(platform, type)] };
    },
  );
  return { dataset: versionOfName(file), file, clicks, detections: [] };
}

/** Reads ScreenSpot-Pro. Throws BAD_REQUEST naming the entry that breaks the format. */
export function readScreenSpotPro(list: readonly unknown[], file: string): EvaluationFile {
  const entries = checkedEntries(proEntrySchema, list, "ScreenSpot-Pro", file);
  const clicks = entries.map(
    ({ img_filename: image, instruction, bbox, img_size: size, ui_type, group }, index): ClickItem => ({
      index,
      image,
      instruction,
      size,
      target: { kind: "box", box: bbox },
      groups: [columnOf(group, ui_type), ui_type],
    }),
  );
  return { dataset: "screenspot-pro", file, clicks, detections: [] };
}

const lastPart = (file: string): string => file.slice(file.lastIndexOf("/") + 1).toLowerCase();

function platformOfName(file: string): Platform | undefined {
  const name = lastPart(file);
  return platforms.find((platform) => name.startsWith(`screenspot_${platform}`));
}

function versionOfName(file: string): EvaluationDataset {
  return /(?:^|[_-])v2\b/.test(lastPart(file)) ? "screenspot-v2" : "screenspot";
}
