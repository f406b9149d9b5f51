import type { DoctorReport, DoctorRun } from "../../contract/doctor.ts";
import { doctorReportName, doctorReportSchema } from "../../contract/doctor.ts";
import type { EngineFacts } from "../../contract/doctor-facts.ts";
import type { DoctorTryReport } from "../../contract/doctor-try.ts";
import type { ImageRef } from "../../contract/image.ts";
import type { BackendChoice, LoadedModel, ModelEntry, PairInspection } from "../../contract/model.ts";
import { type DetectSettings, resolveSettings } from "../../contract/profile.ts";
import type { EngineResult } from "../../contract/run.ts";
import { abortable } from "../abortable.ts";
import type { ReadyEngine } from "../engine-supervisor.ts";
import { describeMachine } from "../machine.ts";
import type { HostParts } from "../parts.ts";
import { engineInfoOf } from "../run-record.ts";
import { type BackendLookups, backendVerdicts } from "./backend-verdicts.ts";
import type { DoctorCase, ObservedRun } from "./case.ts";
import { evidenceOf } from "./evidence.ts";
import { engineFacts, withoutModelFacts } from "./facts/engine-facts.ts";
import { fileAudits } from "./file-audits.ts";
import { estimateFits } from "./fits.ts";
import { asGap, detectUnrecorded, loadAfresh } from "./probe.ts";
import { findingsOf } from "./rules/index.ts";
import { findStoredRun } from "./stored-run.ts";
import type { ReadSystem } from "./system.ts";

export interface ExaminationConfig {
  readonly parts: HostParts;
  readonly readSystem: ReadSystem;
  readonly lookups: BackendLookups;
  /** The last measurement of remedies, whatever it was of. */
  readonly tried: DoctorTryReport | undefined;
  readonly request: DoctorRun;
  readonly signal: AbortSignal;
  readonly onStep: (step: string, fraction: number) => void;
}

/** A model of more weights than this on a CPU is probed with a small image: a whole one takes minutes. */
const largeForCpu = 1e9;
const smallProbe = { maxImageTokens: 256, maxNewTokens: 16 } as const;

/** One examination from the machine to the findings. What fails becomes a gap of the report, a cancellation ends it. */
export class Examination {
  readonly #config: ExaminationConfig;
  readonly #gaps: DoctorReport["gaps"] = [];

  constructor(config: ExaminationConfig) {
    this.#config = config;
  }

  async run(): Promise<DoctorReport> {
    const { parts, readSystem, request, signal, lookups, onStep } = this.#config;
    const { settings, models, backends, supervisor, options } = parts;
    const choice: BackendChoice = request.backend ?? settings.current.backend;
    const model = await models.get(request.modelId ?? settings.current.modelId);
    const detectSettings = resolveSettings(settings.current.profile, settings.current.overrides);

    onStep("looking at the machine", 0);
    const system = await abortable(signal, readSystem());
    onStep("trying the backends", 0.1);
    const statuses = await abortable(
      signal,
      backends.list((backend) => supervisor.tryBackend(backend)),
    );
    const engine = await this.#try("the engine", () => abortable(signal, supervisor.ready(choice)));
    onStep("reading the model's headers", 0.3);
    const inspection = await this.#try("the model's files", async () => (await models.info(model.id)).inspection);
    const loaded = await this.#load(engine, inspection, model, detectSettings);
    const probed = await this.#probe(engine, loaded, model, detectSettings);

    onStep("putting it together", 0.95);
    const info = engine === undefined ? undefined : engineInfoOf(engine.info, engine.backend, engine.reason);
    const facts = this.#facts(engine, model);
    const verdicts = await backendVerdicts(statuses, engine?.backend, lookups);
    const run = probed?.observed ?? (await findStoredRun(parts.runs, model.id, engine?.backend));
    const tried = this.#config.tried;
    const surroundings = {
      backend: engine?.backend ?? "cpu",
      facts,
      features: info?.features ?? "",
      llamaCppRelease: info?.llamaCppRelease ?? "unknown",
    } as const;
    const memory = probed?.result.memory;
    const found: DoctorCase = {
      machine: describeMachine(settings.current.machineName, engine?.info.physicalCores),
      system,
      backendChoice: choice,
      ...(info === undefined ? {} : { engine: info }),
      ...(engine?.fallback === undefined ? {} : { fallback: engine.fallback }),
      backends: verdicts,
      modelId: model.id,
      family: model.family,
      files: inspection === undefined ? [] : fileAudits(inspection, surroundings),
      settings: detectSettings,
      facts,
      ...(loaded === undefined ? {} : { loaded }),
      memory: memory === undefined ? [] : memoryRows(memory),
      ...(run === undefined ? {} : { run }),
      ...(tried?.model.id === model.id && tried.engine.backend === engine?.backend ? { tried } : {}),
    };
    const evidence = evidenceOf(found);
    const known = new Set(evidence.map(({ id }) => id));
    return doctorReportSchema.parse({
      schema: doctorReportName,
      version: 1,
      createdAt: new Date().toISOString(),
      app: { version: options.appVersion, node: process.versions.node },
      machine: found.machine,
      engine: info,
      model: { id: model.id, name: model.name, family: model.family },
      loaded,
      evidence,
      backends: verdicts,
      devices: (info?.devices ?? []).map((device) => ({
        ...device,
        source: { kind: "engine", detail: "ggml_backend_dev_memory, before loading" },
      })),
      files: found.files,
      memory: found.memory,
      fits: await this.#fits(engine, model, inspection, detectSettings),
      facts,
      findings: findingsOf(found).map((finding) => ({
        ...finding,
        evidence: finding.evidence.filter((id) => known.has(id)),
      })),
      gaps: this.#gaps,
    } satisfies Record<keyof DoctorReport, unknown>);
  }

  async #try<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (caught) {
      this.#gaps.push({ what, error: asGap(caught).toInfo() });
      return undefined;
    }
  }

  async #load(
    engine: ReadyEngine | undefined,
    inspection: PairInspection | undefined,
    model: ModelEntry,
    settings: DetectSettings,
  ): Promise<LoadedModel | undefined> {
    const { request, parts, signal, onStep } = this.#config;
    if (engine === undefined || inspection === undefined || request.depth === "files") return undefined;
    onStep("loading the model", 0.4);
    return this.#try("loading the model", () => loadAfresh(parts, engine, model, settings, signal));
  }

  /** A detection as the settings have it; smaller where that would take minutes, and then not used for shares of time. */
  async #probe(
    engine: ReadyEngine | undefined,
    loaded: LoadedModel | undefined,
    model: ModelEntry,
    settings: DetectSettings,
  ): Promise<{ readonly result: EngineResult; readonly observed: ObservedRun | undefined } | undefined> {
    const { request, parts, signal, onStep } = this.#config;
    if (engine === undefined || loaded === undefined || request.depth !== "detect") return undefined;
    onStep("running one detection", 0.6);
    return this.#try("the probing detection", async () => {
      const image = await this.#image();
      const { path: imagePath } = await parts.images.file(image.id);
      const small = engine.backend === "cpu" && loaded.parameters > largeForCpu;
      const wanted = small
        ? { ...settings, ...smallProbe, maxImageTokens: Math.min(settings.maxImageTokens, smallProbe.maxImageTokens) }
        : settings;
      const result = await detectUnrecorded(parts, { engine, model, imagePath, settings: wanted, signal });
      const { stages, totalMs, tokens, effective, warnings } = result;
      const source = {
        kind: "measurement",
        detail: `one detection just now, ${image.width} × ${image.height} px`,
      } as const;
      return { result, observed: small ? undefined : { stages, totalMs, tokens, effective, warnings, source } };
    });
  }

  /** The image that was asked for, else the one opened last, else a sample. */
  async #image(): Promise<ImageRef> {
    const { request, parts } = this.#config;
    const { images, settings } = parts;
    if (request.imageId !== undefined) return images.get(request.imageId);
    for (const id of settings.current.recentImages.slice(0, 1)) {
      const recent = await images.get(id).catch(() => undefined);
      if (recent !== undefined) return recent;
    }
    const [sample] = await images.samples();
    if (sample === undefined) throw new Error("There is no image to probe with.");
    return sample;
  }

  /** Only what concerns the examined model: without loading it, lines of another one may be in the log. */
  #facts(engine: ReadyEngine | undefined, model: ModelEntry): EngineFacts {
    const facts = engineFacts(engine?.process.log.lines ?? []);
    return this.#config.parts.supervisor.loadedModelId === model.id ? facts : withoutModelFacts(facts);
  }

  async #fits(
    engine: ReadyEngine | undefined,
    model: ModelEntry,
    inspection: PairInspection | undefined,
    settings: DetectSettings,
  ): Promise<DoctorReport["fits"]> {
    if (engine === undefined || inspection === undefined) return [];
    const fits = await this.#try("the estimate of what fits", () =>
      estimateFits({
        model,
        mmprojBytes: inspection.mmproj.bytes,
        settings,
        devices: engine.info.devices,
        onGpu: engine.backend !== "cpu",
      }),
    );
    return fits ?? [];
  }
}

function memoryRows({ languageModel, visionEncoder }: EngineResult["memory"]): DoctorReport["memory"] {
  const source = {
    kind: "engine",
    detail: "llama_get_memory_breakdown and libmtmd, after the probing detection",
  } as const;
  const parts = [
    ["language-model", languageModel],
    ["vision-encoder", visionEncoder],
  ] as const;
  return parts.flatMap(([part, rows]) =>
    rows.map(({ device, model, kvCache, compute }) => ({ part, device, weights: model, kvCache, compute, source })),
  );
}
