import {
  type BackendChoice,
  backendChoiceSchema,
  type DetectOverrides,
  detectOverridesSchema,
  type Mode,
  modeSchema,
  type ProfileName,
  profileNameSchema,
  targetSchema,
  vitPathSchema,
} from "../contract/index.ts";
import { UsageError } from "./errors.ts";

/** The options of `detect` as commander hands them over. */
export interface RawDetectOptions {
  readonly model?: string;
  readonly mmproj?: string;
  readonly mode?: string;
  readonly target?: string;
  readonly profile?: string;
  readonly backend?: string;
  readonly vit?: string;
  /** False with --no-cpu-attention. */
  readonly cpuAttention?: boolean;
  readonly focus?: boolean;
  /** False with --no-jump-forward. */
  readonly jumpForward?: boolean;
  /** False with --no-reuse. */
  readonly reuse?: boolean;
  /** False with --no-cache. */
  readonly cache?: boolean;
  /** False with --no-prefetch. */
  readonly prefetch?: boolean;
  readonly set?: readonly string[];
  readonly json?: string;
  readonly overlay?: string;
  readonly repeat?: string;
  readonly profileOps?: boolean;
  readonly quiet?: boolean;
}

export type ModelChoice =
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "files"; readonly modelPath: string; readonly mmprojPath?: string };

export interface DetectOptions {
  readonly model: ModelChoice | undefined;
  readonly mode: Mode;
  readonly target: string | undefined;
  readonly profile: ProfileName | undefined;
  readonly backend: BackendChoice | undefined;
  readonly overrides: DetectOverrides;
  /** Whether a stored run may answer. */
  readonly useCache: boolean;
  readonly repeat: number;
  readonly profileOps: boolean;
  readonly quiet: boolean;
}

const maxRepeat = 1000;

/** One of a list of words, or nothing. Throws UsageError naming the option. */
export function choice<T extends string>(
  option: string,
  text: string | undefined,
  schema: { safeParse(value: unknown): { success: boolean; data?: T | undefined }; readonly options: readonly T[] },
): T | undefined {
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${option} does not know "${text}".`, `Choose one of: ${schema.options.join(", ")}.`);
}

/** A model by its id, or by the path of its GGUF file. Throws UsageError. */
export function modelChoice(model: string | undefined, mmproj: string | undefined): ModelChoice | undefined {
  const isPath = model !== undefined && (/\.gguf$/i.test(model) || /[\\/]/.test(model));
  if (isPath) {
    return { kind: "files", modelPath: model, ...(mmproj === undefined ? {} : { mmprojPath: mmproj }) };
  }
  if (mmproj !== undefined) throw new UsageError("--mmproj needs --model with the path of a GGUF file.");
  return model === undefined ? undefined : { kind: "id", id: model };
}

/** "key=value" pairs as overrides of the profile's fields. */
export function parseOverrides(pairs: readonly string[]): DetectOverrides {
  const fields = Object.keys(detectOverridesSchema.shape);
  const values = pairs.map((pair) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw new UsageError(`--set takes key=value, not "${pair}".`, "For example: --set maxImageTokens=640");
    }
    if (!fields.includes(key)) {
      throw new UsageError(`--set does not know "${key}".`, `The fields are: ${fields.join(", ")}.`);
    }
    if (value === "true" || value === "false") return [key, value === "true"] as const;
    const number = Number(value);
    return [key, value.trim() === "" || Number.isNaN(number) ? value : number] as const;
  });
  const parsed = detectOverridesSchema.safeParse(Object.fromEntries(values));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(`--set ${issue?.path.map(String).join(".") ?? ""}: ${issue?.message ?? "not valid"}`);
}

function modeAndTarget(raw: RawDetectOptions): Pick<DetectOptions, "mode" | "target"> {
  const target = raw.target === undefined ? undefined : targetSchema.safeParse(raw.target);
  if (target && !target.success) throw new UsageError("--target needs 1 to 2000 characters.");
  const mode = choice("--mode", raw.mode, modeSchema) ?? (target ? "locate" : "detect");
  if (mode === "locate" && !target) {
    throw new UsageError("--mode locate needs --target.", 'For example: --target "the save button"');
  }
  if (mode === "detect" && target) throw new UsageError("--target goes with --mode locate.");
  return { mode, target: target?.data };
}

function vitOverride(text: string | undefined): DetectOverrides {
  const vit = choice("--vit", text, vitPathSchema);
  return vit === undefined ? {} : { vit };
}

/** Focus mode detects only a part: a repeat, a profile or a target needs the whole. Throws UsageError. */
function focusOverride(raw: RawDetectOptions, repeat: number): DetectOverrides {
  if (raw.focus !== true) return {};
  if (repeat > 1) throw new UsageError("--focus does not go with --repeat.", "Repeats measure full detections.");
  if (raw.profileOps)
    throw new UsageError("--focus does not go with --profile-ops.", "A profile is of a full detection.");
  if (raw.target !== undefined) throw new UsageError("--focus goes with --mode detect only.");
  return { focus: true };
}

/** Of the options that only switch something off. */
function switchedOff({ reuse, cpuAttention, jumpForward, prefetch }: RawDetectOptions): DetectOverrides {
  return {
    ...(reuse === false ? { reuseImage: false } : {}),
    ...(cpuAttention === false ? { cpuAttention: false } : {}),
    ...(jumpForward === false ? { jumpForward: "off" } : {}),
    ...(prefetch === false ? { prefetch: false } : {}),
  };
}

/** Throws UsageError naming the option and what it takes. */
export function parseDetectOptions(raw: RawDetectOptions): DetectOptions {
  const repeat = Number(raw.repeat ?? 1);
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > maxRepeat) {
    throw new UsageError(`--repeat takes a whole number from 1 to ${maxRepeat}.`);
  }
  return {
    ...modeAndTarget(raw),
    model: modelChoice(raw.model, raw.mmproj),
    profile: choice("--profile", raw.profile, profileNameSchema),
    backend: choice("--backend", raw.backend, backendChoiceSchema),
    overrides: {
      ...parseOverrides(raw.set ?? []),
      ...vitOverride(raw.vit),
      ...switchedOff(raw),
      ...focusOverride(raw, repeat),
    },
    // Doing everything again includes not taking a stored answer.
    useCache: raw.cache !== false && raw.reuse !== false,
    repeat,
    profileOps: raw.profileOps ?? false,
    quiet: raw.quiet ?? false,
  };
}
