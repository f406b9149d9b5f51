import { remedies as allRemedies, generalSettings, type Remedy, remedySchema } from "../contract/index.ts";
import { modelChoice, parseOverrides, type RawRunOptions, repeatsOf } from "./detect-options.ts";
import { UsageError } from "./errors.ts";
import { settingValue } from "./setting-options.ts";

/** The options of `doctor` as commander hands them over. */
export interface RawDoctorOptions extends RawRunOptions {
  readonly image?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly try?: string;
  readonly remedies?: string;
  readonly markdown?: boolean;
  readonly bundle?: string | boolean;
  readonly includePaths?: boolean;
  readonly includeImageNames?: boolean;
}

export type DoctorOptions = ReturnType<typeof parseDoctorOptions>;
/** What `--try` measures. */
export type TryOptions = NonNullable<DoctorOptions["try"]>;

/** What `doctor` is to do. Throws UsageError naming the option and what it takes. */
export function parseDoctorOptions(raw: RawDoctorOptions) {
  const bundle = raw.bundle !== undefined && raw.bundle !== false;
  if (!bundle && (raw.includePaths || raw.includeImageNames)) {
    throw new UsageError("--include-paths and --include-image-names go with --bundle.");
  }
  if (bundle && raw.json) throw new UsageError("--bundle writes text, not JSON.", "Leave out --json.");
  const measured = tryOptions(raw);
  if (bundle && measured !== undefined) throw new UsageError("--bundle and --try do not go together.");
  return {
    bundle,
    try: measured,
    model: modelChoice(raw.model, raw.mmproj),
    backend: settingValue("--backend", generalSettings.backend, raw.backend),
    image: raw.image,
    depth: raw.quick ? ("files" as const) : ("detect" as const),
    json: raw.json ?? false,
    /** Where the bundle is written; undefined = standard output. */
    output: typeof raw.bundle === "string" ? raw.bundle : undefined,
    includePaths: raw.includePaths ?? false,
    includeImageNames: raw.includeImageNames ?? false,
  };
}

function tryOptions(raw: RawDoctorOptions) {
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
  return {
    image: raw.try,
    remedies: remedies === undefined ? [...allRemedies] : parseRemedies(remedies),
    repeats: repeatsOf(repeat ?? "5", 100),
    profile: settingValue("--profile", generalSettings.profile, profile),
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
