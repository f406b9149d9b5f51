import { HoloscopeError } from "../../contract/index.ts";
import { truthFileSchemaName } from "../formats/holoscope.ts";
import { isRecord } from "../loose.ts";
import { lenientJson } from "../parse-text.ts";
import type { EvaluationFile } from "./items.ts";
import { type Classification, isOsworldG, readClassification, readOsworldG } from "./osworld-g.ts";
import { readOwn } from "./own.ts";
import { isScreenSpot, isScreenSpotPro, readScreenSpot, readScreenSpotPro } from "./screenspot.ts";

/** What evaluation reads, for messages. */
export const evaluatedFormats =
  "ScreenSpot, ScreenSpot-v2, ScreenSpot-Pro and OSWorld-G annotations, and Holoscope's own truth files";

/** A JSON file of the evaluated folder. */
export interface NamedText {
  /** Path below the folder, with "/" between its parts. */
  readonly file: string;
  readonly text: string;
}

export interface ReadEvaluation {
  readonly files: readonly EvaluationFile[];
  /** JSON files that are none of the formats. */
  readonly others: readonly string[];
}

/** So many entries of a list are looked at before it counts as of no known kind: the first ones may be bad. */
const lookedAt = 50;

/**
 * Reads those of the files that are annotations, by their content. Throws BAD_REQUEST naming the file that is no JSON, or
 * the entry that breaks its format.
 */
export async function readEvaluation(texts: readonly NamedText[]): Promise<ReadEvaluation> {
  const values: { readonly file: string; readonly value: unknown }[] = [];
  for (const { file, text } of texts) values.push({ file, value: await jsonOf(file, text) });
  const classes: Classification = new Map(values.flatMap(({ value }) => [...(readClassification(value) ?? [])]));
  const read = values.map(({ file, value }) => ({ file, value, annotations: fileOf(file, value, classes) }));
  return {
    files: read.flatMap(({ annotations }) => (annotations === undefined ? [] : [annotations])),
    others: read
      .filter(({ annotations, value }) => annotations === undefined && readClassification(value) === undefined)
      .map(({ file }) => file),
  };
}

async function jsonOf(file: string, text: string): Promise<unknown> {
  try {
    return await lenientJson(text);
  } catch (error) {
    const { code, message, hint, detail } = HoloscopeError.from(error);
    throw new HoloscopeError(code, `${file}: ${message}`, hint, detail);
  }
}

function fileOf(file: string, value: unknown, classes: Classification): EvaluationFile | undefined {
  if (isRecord(value) && value.schema === truthFileSchemaName) return readOwn(value, file);
  if (!Array.isArray(value)) return undefined;
  const list: readonly unknown[] = value;
  const is = (kind: (entry: unknown) => boolean): boolean => list.slice(0, lookedAt).some(kind);
  if (is(isScreenSpotPro)) return readScreenSpotPro(list, file);
  if (is(isScreenSpot)) return readScreenSpot(list, file);
  return is(isOsworldG) ? readOsworldG(list, file, classes) : undefined;
}
