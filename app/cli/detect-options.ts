import {
  type DetectOverrides,
  defined,
  detectionSettings,
  generalSettings,
  type SettingTable,
  scaleValueSchema,
  targetSchema,
} from "../contract/index.ts";
import { UsageError } from "./errors.ts";
import { jsonTarget, overlayTarget } from "./outputs.ts";
import { optionOverrides, settingValue } from "./setting-options.ts";
import type { RawTruthOptions } from "./truth.ts";

/** Options that several commands have, as commander hands them over. */
export interface RawRunOptions {
  readonly model?: string;
  readonly mmproj?: string;
  readonly target?: string;
  readonly profile?: string;
  readonly backend?: string;
  readonly set?: readonly string[];
  readonly repeat?: string;
}

export interface RawDetectOptions extends RawRunOptions, RawTruthOptions {
  readonly mode?: string;
  readonly focus?: boolean;
  /** False with --no-reuse. */
  readonly reuse?: boolean;
  /** False with --no-cache. */
  readonly cache?: boolean;
  readonly json?: string;
  readonly overlay?: string;
  readonly engine?: readonly string[];
  readonly scale?: string;
  readonly profileOps?: boolean;
  readonly quiet?: boolean;
  /** The options of detection settings; see setting-options.ts. */
  readonly [option: string]: unknown;
}

export type ModelChoice =
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "files"; readonly modelPath: string; readonly mmprojPath?: string };

export type DetectOptions = ReturnType<typeof parseDetectOptions>;

/** A model by its id, or by the path of its GGUF file. Throws UsageError. */
export function modelChoice(model: string | undefined, mmproj: string | undefined): ModelChoice | undefined {
  const isPath = model !== undefined && (/\.gguf$/i.test(model) || /[\\/]/.test(model));
  if (isPath) {
    return { kind: "files", modelPath: model, ...defined({ mmprojPath: mmproj }) };
  }
  if (mmproj !== undefined) throw new UsageError("--mmproj needs --model with the path of a GGUF file.");
  return model === undefined ? undefined : { kind: "id", id: model };
}

/** "key=value" pairs as overrides of the profile's fields. Throws UsageError. */
export function parseOverrides(pairs: readonly string[]): DetectOverrides {
  const settings: SettingTable = detectionSettings;
  const values = pairs.map((pair) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw new UsageError(`--set takes key=value, not "${pair}".`, "For example: --set maxImageTokens=640");
    }
    const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting === undefined) {
      throw new UsageError(`--set does not know "${key}".`, `The fields are: ${Object.keys(settings).join(", ")}.`);
    }
    return [key, settingValue(`--set ${key}`, setting, value)] as const;
  });
  return Object.fromEntries(values);
}

/** How often something is measured. Throws UsageError. */
export function repeatsOf(text: string, most: number): number {
  const repeats = Number(text);
  if (Number.isInteger(repeats) && repeats >= 1 && repeats <= most) return repeats;
  throw new UsageError(`--repeat takes a whole number from 1 to ${most}.`);
}

function modeAndTarget(raw: RawDetectOptions) {
  const target = raw.target === undefined ? undefined : targetSchema.safeParse(raw.target);
  if (target && !target.success) throw new UsageError("--target needs 1 to 2000 characters.");
  const mode = settingValue("--mode", generalSettings.mode, raw.mode) ?? (target ? "locate" : "detect");
  if (mode === "locate" && !target) {
    throw new UsageError("--mode locate needs --target.", 'For example: --target "the save button"');
  }
  if (mode === "detect" && target) throw new UsageError("--target goes with --mode locate.");
  return { mode, target: target?.data };
}

/** Focus mode detects only a part: a repeat, a profile or a target needs the whole. Throws UsageError. */
function checkFocus(raw: RawDetectOptions, repeat: number): void {
  if (raw.focus !== true) return;
  if (repeat > 1) throw new UsageError("--focus does not go with --repeat.", "Repeats measure full detections.");
  if (raw.profileOps)
    throw new UsageError("--focus does not go with --profile-ops.", "A profile is of a full detection.");
  if (raw.target !== undefined) throw new UsageError("--focus goes with --mode detect only.");
}

/** null guesses the images' scale again; undefined leaves it as it is stored. Throws UsageError. */
function scaleOption(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === "auto") return null;
  const scale = scaleValueSchema.safeParse(text.trim() === "" ? Number.NaN : Number(text));
  if (scale.success) return scale.data;
  throw new UsageError("--scale takes a number from 0.25 to 8, or auto.", "For example: --scale 2");
}

/** What `detect` is to do. Throws UsageError naming the option and what it takes. */
export function parseDetectOptions(raw: RawDetectOptions, images: readonly string[]) {
  const repeat = repeatsOf(raw.repeat ?? "1", 1000);
  checkFocus(raw, repeat);
  const json = raw.json === undefined ? undefined : jsonTarget(raw.json);
  return {
    images,
    ...modeAndTarget(raw),
    model: modelChoice(raw.model, raw.mmproj),
    profile: settingValue("--profile", generalSettings.profile, raw.profile),
    backend: settingValue("--backend", generalSettings.backend, raw.backend),
    engines: raw.engine ?? [],
    overrides: { ...parseOverrides(raw.set ?? []), ...optionOverrides(raw) } satisfies DetectOverrides,
    /** Whether a stored run may answer; --no-reuse does everything again, so it excludes stored answers too. */
    useCache: raw.cache !== false && raw.reuse !== false,
    repeat,
    scale: scaleOption(raw.scale),
    profileOps: raw.profileOps ?? false,
    json,
    overlay: raw.overlay === undefined ? undefined : overlayTarget(raw.overlay, images),
    quiet: raw.quiet === true || json?.kind === "stdout",
  };
}
