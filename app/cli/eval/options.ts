import path from "node:path";
import { type DetectOverrides, generalSettings } from "../../contract/index.ts";
import { modelChoice, parseOverrides, type RawRunOptions } from "../detect-options.ts";
import { UsageError } from "../errors.ts";
import { optionOverrides, settingValue } from "../setting-options.ts";

/** The options of `eval` as commander hands them over; those of detection settings besides. */
export interface RawEvalOptions extends Omit<RawRunOptions, "target" | "repeat"> {
  readonly limit?: string;
  readonly seed?: string;
  readonly format?: string;
  readonly out?: string;
  readonly retryErrors?: boolean;
  readonly [option: string]: unknown;
}

/** The reports that can be written, and their files. */
export const reportFiles = { md: "report.md", json: "report.json", csv: "items.csv" } as const;
export type ReportFormat = keyof typeof reportFiles;
const formats = Object.keys(reportFiles) as ReportFormat[];

export interface Sample {
  readonly limit: number;
  readonly seed: number;
}

export type EvalOptions = ReturnType<typeof parseEvalOptions>;

/** What `eval` is to do. Throws UsageError naming the option and what it takes. */
export function parseEvalOptions(raw: RawEvalOptions, folder: string) {
  return {
    folder: path.resolve(folder),
    out: path.resolve(raw.out ?? "holoscope-eval"),
    model: modelChoice(raw.model, raw.mmproj),
    profile: settingValue("--profile", generalSettings.profile, raw.profile),
    backend: settingValue("--backend", generalSettings.backend, raw.backend),
    overrides: { ...parseOverrides(raw.set ?? []), ...optionOverrides(raw) } satisfies DetectOverrides,
    sample: sampleOf(raw),
    formats: formatsOf(raw.format),
    retryErrors: raw.retryErrors === true,
  };
}

function sampleOf({ limit, seed }: RawEvalOptions): Sample | undefined {
  if (limit === undefined) {
    if (seed !== undefined) throw new UsageError("--seed goes with --limit.", "Without it every item is asked.");
    return undefined;
  }
  return { limit: whole("--limit", limit, 1), seed: seed === undefined ? 1 : whole("--seed", seed, 0) };
}

function whole(option: string, text: string, least: number): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`${option} takes a whole number from ${least}.`);
}

function formatsOf(text: string | undefined): readonly ReportFormat[] {
  if (text === undefined) return formats;
  return text.split(",").map((name) => {
    const format = formats.find((each) => each === name.trim());
    if (format === undefined)
      throw new UsageError(`--format does not know "${name}".`, `It takes ${formats.join(",")}.`);
    return format;
  });
}
