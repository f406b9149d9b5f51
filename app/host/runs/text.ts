import {
  HoloscopeError,
  parseOrThrow,
  type RunAnnotations,
  type RunRecord,
  runFileSchema,
  runRecordSchema,
  runSchemaName,
  runSchemaVersion,
} from "../../contract/index.ts";

/** Text of a record as it is stored. */
export function recordText(run: RunRecord): string {
  return `${JSON.stringify(run, undefined, 1)}\n`;
}

/** The contents of a run file. */
interface RunFileContent {
  readonly run: RunRecord;
  readonly imageBase64?: string | undefined;
  readonly annotations?: RunAnnotations | undefined;
}

/** Text of a run file; see `runFileSchema`. */
export function runFileText({ run, imageBase64, annotations }: RunFileContent): string {
  if (imageBase64 === undefined && annotations === undefined) return recordText(run);
  const attachments = { annotations, imageBase64 };
  return `${JSON.stringify({ ...run, attachments }, undefined, 1)}\n`;
}

/** Reads a stored record. Throws RUN_FILE_INVALID. */
export function parseRecord(text: string): RunRecord {
  return parseOrThrow(runRecordSchema, claimedRun(text), "RUN_FILE_INVALID", "The run file");
}

/** Reads a run file or a plain record. Throws RUN_FILE_INVALID. */
export function parseRunFile(text: string): RunFileContent {
  const file = parseOrThrow(runFileSchema, claimedRun(text), "RUN_FILE_INVALID", "The run file");
  const { attachments, ...run } = file;
  return { run, ...attachments };
}

/** Checks that a text is JSON of a run, in a version that can be read. */
function claimedRun(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HoloscopeError(
      "RUN_FILE_INVALID",
      "The file is not a run of Holoscope: it is not JSON.",
      "Choose a .json file that Holoscope saved.",
      String(error).slice(0, 300),
    );
  }
  const claimed = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  if (claimed.schema !== runSchemaName) {
    throw new HoloscopeError(
      "RUN_FILE_INVALID",
      "The file is not a run of Holoscope.",
      "Choose a .json file that Holoscope saved.",
    );
  }
  if (typeof claimed.version === "number" && claimed.version > runSchemaVersion) {
    throw new HoloscopeError(
      "RUN_FILE_INVALID",
      `The run was saved by a newer Holoscope (format ${claimed.version}; this one reads ${runSchemaVersion}).`,
      "Update Holoscope and open the file again.",
    );
  }
  return value;
}
