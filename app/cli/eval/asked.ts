import { createHash } from "node:crypto";
import path from "node:path";
import {
  type AnsweredRun,
  type AnswerLine,
  type DetectOverrides,
  type DetectRequestInput,
  defined,
  HoloscopeError,
  isMeasured,
  localEngineId,
  type Mode,
  type ModelEntry,
  type ProfileName,
  type QuestionKey,
  resolveSettings,
} from "../../contract/index.ts";
import type { Host } from "../../host/types.ts";
import { chooseModel } from "../choose-model.ts";
import { appVersion } from "../version.ts";
import type { EvalOptions } from "./options.ts";
import type { PlannedItem } from "./plan.ts";

/** The model and the settings that every question is asked with. */
export class Asked {
  readonly model: ModelEntry;
  readonly profile: ProfileName;
  readonly backend: string;
  readonly #overrides: DetectOverrides;
  readonly #options: EvalOptions;
  readonly #keys: Readonly<Record<Mode, string>>;

  private constructor(
    options: EvalOptions,
    model: ModelEntry,
    profile: ProfileName,
    backend: string,
    own: DetectOverrides,
  ) {
    this.#options = options;
    this.model = model;
    this.profile = profile;
    this.backend = backend;
    this.#overrides = { ...own, ...options.overrides };
    this.#keys = { detect: this.#keyOf("detect"), locate: this.#keyOf("locate") };
  }

  /** Throws MODEL_NOT_FOUND, and what adding a model by its files throws. */
  static async choose(host: Host, options: EvalOptions): Promise<Asked> {
    const chosen = await chooseModel(host, options.model);
    const settings = await host.call("settings.get", {});
    const id = chosen ?? settings.modelId;
    const model = (await host.call("models.list", {})).find((each) => each.id === id);
    if (model === undefined) {
      throw new HoloscopeError(
        "MODEL_NOT_FOUND",
        `There is no model "${id}".`,
        "holoscope models lists those there are.",
      );
    }
    const { profile = settings.profile, backend = settings.backend } = options;
    return new Asked(options, model, profile, backend, settings.overrides);
  }

  /** Settings in force for questions of a mode. */
  fields(mode: Mode): Readonly<Record<string, unknown>> {
    return resolveSettings(this.profile, this.#overridesOf(mode), this.model);
  }

  request(imageId: string, planned: PlannedItem): DetectRequestInput {
    const mode: Mode = planned.kind === "click" ? "locate" : "detect";
    return {
      imageId,
      mode,
      modelId: this.model.id,
      // The report names the model of this machine, so no engine elsewhere may answer in its place.
      engines: [localEngineId],
      overrides: this.#overridesOf(mode),
      profile: this.profile,
      ...defined({
        target: planned.kind === "click" ? planned.item.instruction : undefined,
        backend: this.#options.backend,
      }),
    };
  }

  key(image: string, planned: PlannedItem): QuestionKey {
    return planned.kind === "click"
      ? { image, instruction: planned.item.instruction, settings: this.#keys.locate }
      : { image, instruction: null, settings: this.#keys.detect };
  }

  /**
   * The benchmarks know no confidence: the answer of a model that was trained to locate counts however sure it is. One
   * that searches its list of elements goes by its threshold, which decides what is in that list. Focus mode would look
   * at a part only.
   */
  #overridesOf(mode: Mode): DetectOverrides {
    const anyAnswer = mode === "locate" && this.model.modes.locate === "trained";
    const asGiven = this.#options.overrides.minConfidence;
    return { ...this.#overrides, focus: false, ...(anyAnswer && asGiven === undefined ? { minConfidence: 0 } : {}) };
  }

  #keyOf(mode: Mode): string {
    const { id, bytes, family, quantisation, preset, modelPath, mmprojPath } = this.model;
    const files = [modelPath, mmprojPath].map((file) => path.basename(file));
    const asked = {
      app: appVersion,
      model: { id, bytes, family, quantisation, preset, files },
      backend: this.backend,
      mode,
      fields: this.fields(mode),
    };
    return createHash("sha256").update(JSON.stringify(asked)).digest("hex");
  }
}

/** A key as text, for maps. */
export const keyText = ({ image, instruction, settings }: QuestionKey): string =>
  JSON.stringify([image, instruction, settings]);

/** Errors that would meet every item: they end the evaluation, and nothing is noted. */
const general = new Set([
  "CANCELLED",
  "MODEL_NOT_FOUND",
  "FILE_MISSING",
  "NOT_A_GGUF",
  "GGUF_TRUNCATED",
  "WRONG_ARCHITECTURE",
  "MMPROJ_MISSING",
  "MMPROJ_MISMATCH",
  "MODEL_LOAD_FAILED",
  "MODE_UNSUPPORTED",
  "BACKEND_UNAVAILABLE",
  "NATIVE_MISSING",
  "STORAGE_FAILED",
  "DISK_FULL",
]);

/** The line of a question that has no answer. Throws the error if every other question would meet it as well. */
export function failedLine(key: QuestionKey, caught: unknown, run?: AnsweredRun): AnswerLine {
  const error = HoloscopeError.from(caught);
  if (general.has(error.code)) throw error;
  return { version: 1, key, error: error.toInfo(), ...defined({ runId: run?.id, imageSize: sizeOf(run) }) };
}

const sizeOf = (run: AnsweredRun | undefined): AnswerLine["imageSize"] =>
  run === undefined ? undefined : { width: run.image.width, height: run.image.height };

/** What a run answered. Throws as `failedLine` does. */
export function answerLine(key: QuestionKey, run: AnsweredRun): AnswerLine {
  if (run.status !== "done") {
    const error = run.error ?? { code: "CANCELLED" as const, message: "The run was cancelled." };
    return failedLine(key, HoloscopeError.fromInfo(error), run);
  }
  const reused = run.stages.some((stage) => !isMeasured(stage));
  const line = {
    version: 1,
    key,
    runId: run.id,
    ms: run.totalMs,
    reused,
    ...defined({ imageSize: sizeOf(run) }),
  } as const;
  if (key.instruction === null) return { ...line, elements: run.detections };
  const [found] = run.detections;
  if (found === undefined) return line;
  const [x1, y1, x2, y2] = found.bbox;
  return { ...line, point: found.point ?? [(x1 + x2) / 2, (y1 + y2) / 2], fromBox: found.point === undefined };
}
