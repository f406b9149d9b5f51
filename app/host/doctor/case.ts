import type { BackendVerdict, FileAudit, MemoryRow } from "../../contract/doctor.ts";
import type { EngineFacts } from "../../contract/doctor-facts.ts";
import type { DoctorTryReport } from "../../contract/doctor-try.ts";
import type { BackendChoice, LoadedModel } from "../../contract/model.ts";
import type { DetectSettings } from "../../contract/profile.ts";
import type { EngineInfo, EngineResult, Machine } from "../../contract/run.ts";
import type { Source } from "../../contract/source.ts";
import type { SystemFacts } from "./system.ts";

/** A detection as far as rules ask about it: a stored run, or the doctor's own. */
export interface ObservedRun {
  readonly stages: EngineResult["stages"];
  readonly totalMs: number;
  readonly tokens: EngineResult["tokens"];
  readonly effective: EngineResult["effective"];
  readonly warnings: EngineResult["warnings"];
  readonly source: Source;
}

/** All that was found out, before any rule has looked at it. Parts that could not be read are absent. */
export interface DoctorCase {
  readonly machine: Machine;
  readonly system: SystemFacts;
  /** What was asked for: the user's setting, or a choice for this report only. */
  readonly backendChoice: BackendChoice;
  readonly engine?: EngineInfo;
  /** Why the CPU is used although there is a GPU. */
  readonly fallback?: string;
  readonly backends: readonly BackendVerdict[];
  readonly modelId: string;
  readonly family?: string;
  readonly files: readonly FileAudit[];
  readonly settings: DetectSettings;
  readonly facts: EngineFacts;
  readonly loaded?: LoadedModel;
  readonly memory: readonly MemoryRow[];
  readonly run?: ObservedRun;
  /** The last measurement of remedies with this model on this backend. */
  readonly tried?: DoctorTryReport;
}
