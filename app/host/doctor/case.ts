import type {
  BackendChoice,
  BackendVerdict,
  DetectSettings,
  DoctorTryReport,
  EngineFacts,
  EngineInfo,
  EngineResult,
  FileAudit,
  LoadedModel,
  Machine,
  Source,
  TemplateCheck,
} from "../../contract/index.ts";
import type { SystemFacts } from "./system.ts";

/** Models with more weights than this are slow on any CPU, which reads all of them for each generated token. */
export const largeForCpu = 1e9;

/** What rules look at of a detection: a stored run, or the doctor's own. */
export interface ObservedRun {
  readonly stages: EngineResult["stages"];
  readonly totalMs: number;
  readonly tokens: EngineResult["tokens"];
  readonly effective: EngineResult["effective"];
  readonly warnings: EngineResult["warnings"];
  readonly source: Source;
}

/** Everything that was found out, as input for the rules. Parts that could not be read are absent. */
export interface DoctorCase {
  readonly machine: Machine;
  readonly system: SystemFacts;
  /** The backend asked for, by the settings or for this report only. */
  readonly backendChoice: BackendChoice;
  readonly engine?: EngineInfo;
  /** Why the CPU is used although there is a GPU. */
  readonly fallback?: string;
  readonly backends: readonly BackendVerdict[];
  readonly modelId: string;
  readonly family?: string;
  /** How the prompts compare with the model's own chat template. */
  readonly template?: TemplateCheck;
  readonly files: readonly FileAudit[];
  readonly settings: DetectSettings;
  readonly facts: EngineFacts;
  readonly loaded?: LoadedModel;
  readonly run?: ObservedRun;
  /** The last measurement of remedies with this model on this backend. */
  readonly tried?: DoctorTryReport;
}
