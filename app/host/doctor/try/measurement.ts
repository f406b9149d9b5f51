import {
  type DetectSettings,
  type DoctorTryParams,
  type DoctorTryReport,
  defined,
  doctorTryReportName,
  type EngineResult,
  HoloscopeError,
  type ModelEntry,
  type TryRow,
} from "../../../contract/index.ts";
import { abortable, cancelledError } from "../../abortable.ts";
import type { ReadyEngine } from "../../engine/supervisor.ts";
import { freeModel } from "../../engine/work.ts";
import { engineInfoOf, settingsOf } from "../../runs/record.ts";
import { engineFacts } from "../facts/engine-facts.ts";
import { type DoctorTask, reportHead } from "../parts.ts";
import { asGap, detectUnrecorded, type UnrecordedDetection } from "../probe.ts";
import { otherMmprojs } from "./other-mmprojs.ts";
import { rowOf, type VariantRecord } from "./rows.ts";
import { modelOf, planVariants, type Variant } from "./variants.ts";

/** Tokens that a warm-up run generates: enough for the backend to choose and capture the kernels of generation. */
const warmUpTokens = 8;

/**
 * Measures remedies. First each variant runs once after a fresh load, which shows its input size and context; variants
 * that change nothing are skipped. Then come rounds in which each variant runs once, the baseline first. Creating a new
 * context takes time that users do not spend at every detection, so a short uncounted run precedes the measured one if
 * the context changes.
 */
export class Measurement {
  readonly #task: DoctorTask<DoctorTryParams>;
  #done = 0;
  #planned = 1;
  /** What the engine's present model and context were created for. */
  #current = "";

  constructor(task: DoctorTask<DoctorTryParams>) {
    this.#task = task;
  }

  async run(): Promise<DoctorTryReport> {
    const { parts, request, signal } = this.#task;
    const { images, models, settings, supervisor } = parts;
    const [model, image] = [
      await models.get(request.modelId ?? settings.current.modelId),
      await images.file(request.imageId),
    ];
    const { profile, settings: wanted } = settingsOf(
      { imageId: request.imageId, mode: "detect", profile: request.profile, overrides: request.overrides },
      settings.current,
      model,
    );
    this.#task.onStep("starting the engine", 0);
    const engine = await abortable(signal, supervisor.ready(request.backend ?? settings.current.backend));
    const mmprojs = request.remedies.includes("mmproj") ? await otherMmprojs(parts, engine, model) : [];
    const records = planVariants(wanted, request.remedies, mmprojs).map(
      (variant): VariantRecord => ({ variant, runs: [] }),
    );
    const work = { engine, model, image, settings: wanted };
    const baseline = await this.#look(records, work);
    await this.#rounds(records, baseline, work);
    return {
      schema: doctorTryReportName,
      ...reportHead(parts, engine),
      engine: engineInfoOf(engine.info, engine.backend, engine.reason),
      model: { id: model.id, name: model.name, family: model.family, files: await models.files(model) },
      image: image.ref,
      ...defined({ target: request.target }),
      profile,
      settings: wanted,
      repeats: request.repeats,
      rows: records.map((record) => rowOf(record, baseline)),
    };
  }

  /** Runs each variant once after a fresh load. Throws if the baseline's run fails. */
  async #look(records: readonly VariantRecord[], work: Work): Promise<VariantRecord> {
    const [baseline, ...others] = records;
    if (baseline === undefined) throw new HoloscopeError("INTERNAL", "There is nothing to measure.");
    this.#planned = records.length * (1 + this.#task.request.repeats);
    await this.#first(baseline, work);
    for (const record of others) {
      try {
        await this.#first(record, work);
        const reason = sameAs(record, baseline);
        if (reason !== undefined) record.out = { status: "skipped", reason };
      } catch (caught) {
        record.out = { status: "failed", reason: asGap(caught).message };
      }
    }
    const measured = records.filter(({ out }) => out === undefined).length;
    this.#planned = records.length + measured * this.#task.request.repeats;
    return baseline;
  }

  async #first(record: VariantRecord, work: Work): Promise<void> {
    const { parts, signal } = this.#task;
    this.#tell(`${record.variant.label}: first run`);
    await freeModel(work.engine, { ...parts, signal });
    this.#current = "";
    record.first = await this.#detect(record.variant, work, record.variant.overrides);
    const on = engineFacts(work.engine.process.log.lines).flashAttention.languageModel?.on;
    if (on !== undefined) record.flashAttention = on;
    this.#done++;
  }

  async #rounds(records: readonly VariantRecord[], baseline: VariantRecord, work: Work): Promise<void> {
    const { repeats } = this.#task.request;
    for (let round = 1; round <= repeats; round++) {
      for (const record of records) {
        if (record.out !== undefined) continue;
        this.#tell(`${record.variant.label}: run ${round} of ${repeats}`);
        try {
          record.runs.push(await this.#measured(record, work));
        } catch (caught) {
          const error = asGap(caught);
          if (record === baseline) throw error;
          record.out = { status: "failed", reason: error.message };
        }
        this.#done++;
        this.#tell(`${record.variant.label}: run ${round} of ${repeats}`, rowOf(record, baseline));
      }
    }
  }

  async #measured({ variant, first }: VariantRecord, work: Work): Promise<EngineResult> {
    // Fixed sizes, because an automatic context never shrinks below that of the previous variant.
    const pinned =
      first === undefined
        ? variant.overrides
        : {
            ...variant.overrides,
            contextTokens: first.effective.contextTokens,
            batchTokens: first.effective.batchTokens,
          };
    const key = JSON.stringify([pinned, variant.mmprojPath]);
    if (this.#current !== key) {
      await this.#detect(variant, work, { ...pinned, maxNewTokens: warmUpTokens });
      this.#current = key;
    }
    const result = await this.#detect(variant, work, pinned);
    if (result.stages.some(({ reused }) => reused)) {
      throw new HoloscopeError("INTERNAL", "A stage was reused, so that there is nothing to measure.");
    }
    return result;
  }

  #detect(variant: Variant, { engine, model, image, settings }: Work, overrides: Variant["overrides"]) {
    const { parts, request, signal } = this.#task;
    if (signal.aborted) throw cancelledError();
    return detectUnrecorded(parts, {
      engine,
      model: modelOf(variant, model),
      image,
      target: request.target,
      settings: { ...settings, ...(overrides as Partial<DetectSettings>) },
      signal,
    });
  }

  #tell(step: string, row?: TryRow): void {
    this.#task.onStep(step, Math.min(1, this.#done / this.#planned), row);
  }
}

interface Work {
  readonly engine: ReadyEngine;
  readonly model: ModelEntry;
  readonly image: UnrecordedDetection["image"];
  readonly settings: DetectSettings;
}

/** Why a variant is the same as the baseline; undefined if it is not. */
function sameAs({ variant, first, flashAttention }: VariantRecord, baseline: VariantRecord): string | undefined {
  const reference = baseline.first;
  if (first === undefined || reference === undefined) return undefined;
  const { width, height } = first.input;
  if (variant.remedy === "image-tokens" && width === reference.input.width && height === reference.input.height) {
    return `the model's input is the baseline's, ${width} × ${height} px`;
  }
  if (variant.remedy === "ubatch" && first.effective.batchTokens === reference.effective.batchTokens) {
    return `the micro-batch is the baseline's, ${first.effective.batchTokens} tokens`;
  }
  if (variant.remedy === "windowed-attention" && first.effective.vit === reference.effective.vit) {
    return "the encoder has no windowed layers";
  }
  if (
    variant.remedy === "flash-attention" &&
    flashAttention !== undefined &&
    flashAttention === baseline.flashAttention
  ) {
    return `flash attention is ${flashAttention ? "on" : "off"} in the baseline too`;
  }
  return undefined;
}
