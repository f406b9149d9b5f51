import { randomUUID } from "node:crypto";
import type { DoctorReport, DoctorRun } from "../../contract/doctor.ts";
import type { DoctorProgress, DoctorTryParams, DoctorTryReport } from "../../contract/doctor-try.ts";
import type { HostParts } from "../parts.ts";
import { enqueue } from "../queue.ts";
import { type BackendLookups, systemLookups } from "./backend-verdicts.ts";
import { Examination } from "./examination.ts";
import { type ReadSystem, readSystem } from "./system.ts";
import { Measurement } from "./try/measurement.ts";

export interface DoctorConfig {
  readonly parts: HostParts;
  readonly readSystem?: ReadSystem | undefined;
  readonly lookups?: BackendLookups | undefined;
}

/** Examines and measures in its turn of the queue; remembers what it last found. */
export class Doctor {
  readonly #parts: HostParts;
  readonly #readSystem: ReadSystem;
  readonly #lookups: BackendLookups;
  #lastReport: DoctorReport | undefined;
  #lastTry: DoctorTryReport | undefined;

  constructor({ parts, readSystem: system = readSystem, lookups = systemLookups }: DoctorConfig) {
    this.#parts = parts;
    this.#readSystem = system;
    this.#lookups = lookups;
  }

  get lastReport(): DoctorReport | undefined {
    return this.#lastReport;
  }

  /** Rejects with MODEL_NOT_FOUND and CANCELLED; whatever else fails is a gap of the report. */
  async run(request: DoctorRun): Promise<DoctorReport> {
    const id = request.id ?? randomUUID();
    const report = await enqueue(this.#parts.queue, taskId(id), (signal) =>
      new Examination({
        parts: this.#parts,
        readSystem: this.#readSystem,
        lookups: this.#lookups,
        tried: this.#lastTry,
        request,
        signal,
        onStep: (step, fraction) => this.#tell({ id, step, fraction }),
      }).run(),
    );
    this.#lastReport = report;
    return report;
  }

  /** Rejects with MODEL_NOT_FOUND, IMAGE_NOT_FOUND, CANCELLED and what the baseline's run fails with. */
  async try(request: DoctorTryParams): Promise<DoctorTryReport> {
    const parts = this.#parts;
    const id = request.id ?? randomUUID();
    const report = await enqueue(parts.queue, taskId(id), (signal) =>
      new Measurement({
        parts,
        request,
        signal,
        onStep: (step, fraction, row) => this.#tell({ id, step, fraction, ...(row === undefined ? {} : { row }) }),
      }).run(),
    );
    this.#lastTry = report;
    return report;
  }

  /** False if nothing with this id waits or runs. */
  cancel(id: string): boolean {
    return this.#parts.queue.cancel(taskId(id));
  }

  #tell(progress: DoctorProgress): void {
    this.#parts.events.emit("doctor.progress", progress);
  }
}

/** Kept apart from the ids of runs, which share the queue. */
function taskId(id: string): string {
  return `doctor ${id}`;
}
