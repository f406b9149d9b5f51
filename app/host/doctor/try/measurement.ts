import type { DoctorTryParams, DoctorTryReport, TryRow } from "../../../contract/doctor-try.ts";
import { doctorTryReportName, doctorTryReportSchema } from "../../../contract/doctor-try.ts";
import { HoloscopeError } from "../../../contract/errors.ts";
import type { ModelEntry } from "../../../contract/model.ts";
import type { DetectSettings } from "../../../contract/profile.ts";
import type { EngineResult } from "../../../contract/run.ts";
import { abortable, cancelledError } from "../../abortable.ts";
import type { ReadyEngine } from "../../engine-supervisor.ts";
import { describeMachine } from "../../machine.ts";
import type { HostParts } from "../../parts.ts";
import { engineInfoOf, settingsOf } from "../../run-record.ts";
import { engineFacts } from "../facts/engine-facts.ts";
import { asGap, detectUnrecorded, unload } from "../probe.ts";
import { otherMmprojs } from "./other-mmprojs.ts";
import { rowOf, type VariantRecord } from "./rows.ts";
import { modelOf, planVariants, type Variant } from "./variants.ts";

export interface MeasurementConfig {
  readonly parts: HostParts;
  readonly request: DoctorTryParams;
  readonly signal: AbortSignal;
  readonly onStep: (step: string, fraction: number, row?: TryRow) => void;
}

/** Tokens of a run that only warms up: enough for the kernels of generation to be chosen and captured. */
const warmUpTokens = 8;

/**
 * Measures remedies. First every variant runs once after a fresh load, which shows what it means (input size, context);
 * those that mean nothing new are left out. Then come rounds of one run each, the baseline first. A context that has to
 * be made anew costs time that a user does not pay at every detection: a short run that does not count comes first.
 */
export class Measurement {
  readonly #config: MeasurementConfig;
  #done = 0;
  #planned = 1;
  /** What the engine's model and context were last made for. */
  #current = "";

  constructor(config: MeasurementConfig) {
    this.#config = config;
  }

  async run(): Promise<DoctorTryReport> {
    const { parts, request, signal } = this.#config;
    const { images, models, settings, supervisor, options } = parts;
    const [model, image] = [
      await models.get(request.modelId ?? settings.current.modelId),
      await images.file(request.imageId),
    ];
    const { profile, settings: wanted } = settingsOf(
      { imageId: request.imageId, mode: "detect", profile: request.profile, overrides: request.overrides },
      settings.current,
      model,
    );
    this.#config.onStep("starting the engine", 0);
    const engine = await abortable(signal, supervisor.ready(request.backend ?? settings.current.backend));
    const mmprojs = request.remedies.includes("mmproj") ? await otherMmprojs(parts, engine, model) : [];
    const records = planVariants(wanted, request.remedies, mmprojs).map(
      (variant): VariantRecord => ({ variant, runs: [] }),
    );
    const work = { engine, model, imagePath: image.path, settings: wanted };
    const baseline = await this.#look(records, work);
    await this.#rounds(records, baseline, work);
    return doctorTryReportSchema.parse({
      schema: doctorTryReportName,
      version: 1,
      createdAt: new Date().toISOString(),
      app: { version: options.appVersion, node: process.versions.node },
      machine: describeMachine(settings.current.machineName, engine.info.physicalCores),
      engine: engineInfoOf(engine.info, engine.backend, engine.reason),
      model: { id: model.id, name: model.name, family: model.family, files: await models.files(model) },
      image: image.ref,
      ...(request.target === undefined ? {} : { target: request.target }),
      profile,
      settings: wanted,
      repeats: request.repeats,
      rows: records.map((record) => rowOf(record, baseline)),
    } satisfies DoctorTryReport);
  }

  /** Each variant once, after a fresh load. The baseline must work; throws what its run throws. */
  async #look(records: readonly VariantRecord[], work: Work): Promise<VariantRecord> {
    const [baseline, ...others] = records;
    if (baseline === undefined) throw new HoloscopeError("INTERNAL", "There is nothing to measure.");
    this.#planned = records.length * (1 + this.#config.request.repeats);
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
    this.#planned = records.length + measured * this.#config.request.repeats;
    return baseline;
  }

  async #first(record: VariantRecord, work: Work): Promise<void> {
    const { parts, signal } = this.#config;
    this.#tell(`${record.variant.label}: first run`);
    await unload(parts, work.engine, signal);
    this.#current = "";
    record.first = await this.#detect(record.variant, work, record.variant.overrides);
    const on = engineFacts(work.engine.process.log.lines).flashAttention.languageModel?.on;
    if (on !== undefined) record.flashAttention = on;
    this.#done++;
  }

  async #rounds(records: readonly VariantRecord[], baseline: VariantRecord, work: Work): Promise<void> {
    const { repeats } = this.#config.request;
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
    // Pinned, because a context chosen automatically never shrinks below that of the variant before.
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

  #detect(variant: Variant, { engine, model, imagePath, settings }: Work, overrides: Variant["overrides"]) {
    const { parts, request, signal } = this.#config;
    if (signal.aborted) throw cancelledError();
    return detectUnrecorded(parts, {
      engine,
      model: modelOf(variant, model),
      imagePath,
      target: request.target,
      settings: { ...settings, ...(overrides as Partial<DetectSettings>) },
      signal,
    });
  }

  #tell(step: string, row?: TryRow): void {
    this.#config.onStep(step, Math.min(1, this.#done / this.#planned), row);
  }
}

interface Work {
  readonly engine: ReadyEngine;
  readonly model: ModelEntry;
  readonly imagePath: string;
  readonly settings: DetectSettings;
}

/** Why a variant is nothing but the baseline again. */
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
