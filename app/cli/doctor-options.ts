import {
  remedies as allRemedies,
  type BackendChoice,
  backendChoiceSchema,
  type DetectOverrides,
  type DoctorRun,
  type ProfileName,
  profileNameSchema,
  type Remedy,
  remedySchema,
} from "../contract/index.ts";
import { choice, type ModelChoice, modelChoice, parseOverrides } from "./detect-options.ts";
import { UsageError } from "./errors.ts";

/** The options of `doctor` as commander hands them over. */
export interface RawDoctorOptions {
  readonly model?: string;
  readonly mmproj?: string;
  readonly backend?: string;
  readonly image?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly try?: string;
  readonly remedies?: string;
  readonly repeat?: string;
  readonly profile?: string;
  readonly set?: readonly string[];
  readonly target?: string;
  readonly markdown?: boolean;
  readonly bundle?: string | boolean;
  readonly includePaths?: boolean;
  readonly includeImageNames?: boolean;
}

/** What `--try` measures. */
export interface TryOptions {
  readonly image: string;
  readonly remedies: readonly Remedy[];
  readonly repeats: number;
  readonly profile: ProfileName | undefined;
  readonly overrides: DetectOverrides;
  readonly target: string | undefined;
  readonly markdown: boolean;
}

export interface DoctorOptions {
  readonly kind: "report" | "bundle" | "try";
  readonly try: TryOptions | undefined;
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
  const measured = tryOptions(raw);
  if (bundle && measured !== undefined) throw new UsageError("--bundle and --try do not go together.");
  return {
    kind: bundle ? "bundle" : measured === undefined ? "report" : "try",
    try: measured,
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

const maxRepeat = 100;

function tryOptions(raw: RawDoctorOptions): TryOptions | undefined {
  const { remedies, repeat, profile, set, target, markdown } = raw;
  if (raw.try === undefined) {
    const given = Object.entries({ remedies, repeat, profile, set, target, markdown }).find(
      ([, value]) => value !== undefined,
    );
    if (given === undefined) return undefined;
    throw new UsageError(`--${given[0]} goes with --try.`, "For example: holoscope doctor --try screen.png");
  }
  if (raw.image !== undefined || raw.quick)
    throw new UsageError("--try names its image itself; leave out --image and --quick.");
  if (markdown && raw.json) throw new UsageError("Choose one of --json and --markdown.");
  const repeats = Number(repeat ?? 5);
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > maxRepeat) {
    throw new UsageError(`--repeat takes a whole number from 1 to ${maxRepeat}.`);
  }
  return {
    image: raw.try,
    remedies: remedies === undefined ? allRemedies : parseRemedies(remedies),
    repeats,
    profile: choice("--profile", profile, profileNameSchema),
    overrides: parseOverrides(set ?? []),
    target,
    markdown: markdown ?? false,
  };
}

function parseRemedies(text: string): Remedy[] {
  return text.split(",").map((word) => {
    const parsed = remedySchema.safeParse(word.trim());
    if (parsed.success) return parsed.data;
    throw new UsageError(`--remedies does not know "${word.trim()}".`, `Choose of: ${allRemedies.join(", ")}.`);
  });
}
