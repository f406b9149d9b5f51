import { type BackendChoice, backendChoiceSchema, type DoctorRun } from "../contract/index.ts";
import { choice, type ModelChoice, modelChoice } from "./detect-options.ts";
import { UsageError } from "./errors.ts";

/** The options of `doctor` as commander hands them over. */
export interface RawDoctorOptions {
  readonly model?: string;
  readonly mmproj?: string;
  readonly backend?: string;
  readonly image?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly bundle?: string | boolean;
  readonly includePaths?: boolean;
  readonly includeImageNames?: boolean;
}

export interface DoctorOptions {
  readonly kind: "report" | "bundle";
  readonly model: ModelChoice | undefined;
  readonly backend: BackendChoice | undefined;
  readonly image: string | undefined;
  readonly depth: DoctorRun["depth"];
  readonly json: boolean;
  /** Where the bundle goes; undefined = standard output. */
  readonly output: string | undefined;
  readonly includePaths: boolean;
  readonly includeImageNames: boolean;
}

/** Throws UsageError naming the option and what it takes. */
export function parseDoctorOptions(raw: RawDoctorOptions): DoctorOptions {
  const bundle = raw.bundle !== undefined && raw.bundle !== false;
  if (!bundle && (raw.includePaths || raw.includeImageNames)) {
    throw new UsageError("--include-paths and --include-image-names go with --bundle.");
  }
  if (bundle && raw.json) throw new UsageError("--bundle writes text, not JSON.", "Leave out --json.");
  return {
    kind: bundle ? "bundle" : "report",
    model: modelChoice(raw.model, raw.mmproj),
    backend: choice("--backend", raw.backend, backendChoiceSchema),
    image: raw.image,
    depth: raw.quick ? "files" : "detect",
    json: raw.json ?? false,
    output: typeof raw.bundle === "string" ? raw.bundle : undefined,
    includePaths: raw.includePaths ?? false,
    includeImageNames: raw.includeImageNames ?? false,
  };
}
