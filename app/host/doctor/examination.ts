import {
  type BackendChoice,
  type DetectSettings,
  type DoctorReport,
  type DoctorRun,
  type DoctorTryReport,
  defined,
  doctorReportName,
  type EngineFacts,
  type EngineResult,
  type ImageRef,
  type LoadedModel,
  type Memory,
  type ModelEntry,
  type PairInspection,
  resolveSettings,
} from "../../contract/index.ts";
import { abortable } from "../abortable.ts";
import type { ReadyEngine } from "../engine/supervisor.ts";
import { freeModel, loadPair } from "../engine/work.ts";
import { engineInfoOf } from "../runs/record.ts";
import { backendVerdicts } from "./backend-verdicts.ts";
import { type DoctorCase, largeForCpu, type ObservedRun } from "./case.ts";
import { evidenceOf } from "./evidence.ts";
import { engineFacts, withoutModelFacts } from "./facts/engine-facts.ts";
import { estimateFits } from "./fits.ts";
import { type DoctorTask, reportHead } from "./parts.ts";
import { asGap, detectUnrecorded } from "./probe.ts";
import { findingsOf } from "./rules/index.ts";
import { findStoredRun } from "./stored-run.ts";
import { fileAudits } from "./type-support.ts";

/** Models that are large for a CPU are probed with a small image there: a full-size one takes minutes. */
const smallProbe = { maxImageTokens: 256, maxNewTokens: 16 } as const;

/** What is examined: a model, and the engine and headers as far as they could be had. */
interface Subject {
  readonly model: ModelEntry;
  readonly settings: DetectSettings;
  readonly engine: ReadyEngine | undefined;
  readonly inspection: PairInspection | undefined;
}

/**
 * One examination, from the machine to the findings. A step that fails becomes a gap in the report; a cancellation ends
 * the examination.
 */
export class Examination {
  readonly #task: DoctorTask<DoctorRun>;
  readonly #tried: DoctorTryReport | undefined;
  readonly #gaps: DoctorReport["gaps"] = [];

  /** @param tried the last measurement of remedies, of any model */
  constructor(task: DoctorTask<DoctorRun>, tried: DoctorTryReport | undefined) {
    this.#task = task;
    this.#tried = tried;
  }

  async run(): Promise<DoctorReport> {
    const { parts, request, signal, onStep } = this.#task;
    const { settings, models, backends, supervisor, readSystem, lookups } = parts;
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
    const subject: Subject = { model, settings: detectSettings, engine, inspection };
    const loaded = await this.#load(subject);
    const probed = await this.#probe(subject, loaded);

    onStep("putting it together", 0.95);
    const info = engine && engineInfoOf(engine.info, engine.backend, engine.reason);
    const facts = this.#facts(subject);
    const verdicts = await backendVerdicts(statuses, engine?.backend, lookups);
    const run = probed?.observed ?? (await findStoredRun(parts.runs, model.id, engine?.backend));
    const tried = this.#tried;
    const surroundings = {
      backend: engine?.backend ?? "cpu",
      facts,
      features: info?.features ?? "",
      llamaCppRelease: info?.llamaCppRelease ?? "unknown",
    } as const;
    const files = inspection === undefined ? [] : fileAudits(inspection, surroundings);
    const memory = probed?.result.memory === undefined ? [] : memoryRows(probed.result.memory);
    const head = reportHead(parts, engine);
    const found: DoctorCase = {
      machine: head.machine,
      system,
      backendChoice: choice,
      backends: verdicts,
      modelId: model.id,
      family: model.family,
      files,
      settings: detectSettings,
      facts,
      ...defined({
        engine: info,
        fallback: engine?.fallback,
        template: inspection?.template,
        loaded,
        run,
        tried: tried?.model.id === model.id && tried.engine.backend === engine?.backend ? tried : undefined,
      }),
    };
    const evidence = evidenceOf(found);
    const known = new Set(evidence.map(({ id }) => id));
    return {
      schema: doctorReportName,
      ...head,
      ...defined({ engine: info, loaded }),
      model: { id: model.id, name: model.name, family: model.family },
      evidence,
      backends: verdicts,
      devices: (info?.devices ?? []).map((device) => ({
        ...device,
        source: { kind: "engine", detail: "ggml_backend_dev_memory, before loading" },
      })),
      files,
      memory,
      fits: await this.#fits(subject),
      facts,
      findings: findingsOf(found).map((finding) => ({
        ...finding,
        evidence: finding.evidence.filter((id) => known.has(id)),
      })),
      gaps: this.#gaps,
    };
  }

  async #try<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (caught) {
      this.#gaps.push({ what, error: asGap(caught).toInfo() });
      return undefined;
    }
  }

  async #load({ model, settings, engine, inspection }: Subject): Promise<LoadedModel | undefined> {
    const { request, parts, signal, onStep } = this.#task;
    if (engine === undefined || inspection === undefined || request.depth === "files") return undefined;
    onStep("loading the model", 0.4);
    return this.#try("loading the model", async () => {
      const work = { ...parts, signal };
      // Afresh, so that the engine tells of it again.
      await freeModel(engine, work);
      return loadPair(engine, model, settings, work);
    });
  }

  /**
   * A detection with the user's settings; with a smaller image where that would take minutes, whose stage times are
   * then not used.
   */
  async #probe(
    { model, settings, engine }: Subject,
    loaded: LoadedModel | undefined,
  ): Promise<{ readonly result: EngineResult; readonly observed: ObservedRun | undefined } | undefined> {
    const { request, parts, signal, onStep } = this.#task;
    if (engine === undefined || loaded === undefined || request.depth !== "detect") return undefined;
    onStep("running one detection", 0.6);
    return this.#try("the probing detection", async () => {
      const image = await this.#image();
      const stored = await parts.images.file(image.id);
      const small = engine.backend === "cpu" && loaded.parameters > largeForCpu;
      const wanted = small
        ? { ...settings, ...smallProbe, maxImageTokens: Math.min(settings.maxImageTokens, smallProbe.maxImageTokens) }
        : settings;
      const result = await detectUnrecorded(parts, { engine, model, image: stored, settings: wanted, signal });
      const { stages, totalMs, tokens, effective, warnings } = result;
      const source = {
        kind: "measurement",
        detail: `one detection just now, ${image.width} × ${image.height} px`,
      } as const;
      return { result, observed: small ? undefined : { stages, totalMs, tokens, effective, warnings, source } };
    });
  }

  /** The requested image, else the most recent one, else a sample. */
  async #image(): Promise<ImageRef> {
    const { request, parts } = this.#task;
    const { images, settings } = parts;
    if (request.imageId !== undefined) return images.get(request.imageId);
    const [last = ""] = settings.current.recentImages;
    const recent = await images.get(last).catch(() => undefined);
    if (recent !== undefined) return recent;
    const [sample] = await images.samples();
    if (sample === undefined) throw new Error("There is no image to probe with.");
    return sample;
  }

  /** Only facts about the examined model: if it was not loaded, the log may be about another one. */
  #facts({ model, engine }: Subject): EngineFacts {
    const facts = engineFacts(engine?.process.log.lines ?? []);
    return this.#task.parts.supervisor.loadedModelId === model.id ? facts : withoutModelFacts(facts);
  }

  async #fits({ model, settings, engine, inspection }: Subject): Promise<DoctorReport["fits"]> {
    if (engine === undefined || inspection === undefined) return [];
    const { devices } = engine.info;
    const question = {
      model,
      mmprojBytes: inspection.mmproj.bytes,
      settings,
      devices,
      onGpu: engine.backend !== "cpu",
    };
    return (
      (await this.#try("the estimate of what fits", () =>
        estimateFits(question, { signal: this.#task.signal, spawn: this.#task.parts.spawnProgram }),
      )) ?? []
    );
  }
}

function memoryRows({ languageModel, visionEncoder }: Memory): DoctorReport["memory"] {
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
