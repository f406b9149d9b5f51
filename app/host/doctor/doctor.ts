import { randomUUID } from "node:crypto";
import {
  type DoctorReport,
  type DoctorRun,
  type DoctorTryParams,
  type DoctorTryReport,
  defined,
} from "../../contract/index.ts";
import { enqueue } from "../pool/task.ts";
import { Examination } from "./examination.ts";
import type { DoctorParts, DoctorTask } from "./parts.ts";
import { Measurement } from "./try/measurement.ts";

/** Examines the machine and measures remedies, in its turn of the queue; remembers the last results. */
export class Doctor {
  readonly #parts: DoctorParts;
  #lastReport: DoctorReport | undefined;
  #lastTry: DoctorTryReport | undefined;

  constructor(parts: DoctorParts) {
    this.#parts = parts;
  }

  get lastReport(): DoctorReport | undefined {
    return this.#lastReport;
  }

  /** Rejects with MODEL_NOT_FOUND and CANCELLED; whatever else fails is a gap of the report. */
  async run(request: DoctorRun): Promise<DoctorReport> {
    const report = await this.#inTurn(request, (task) => new Examination(task, this.#lastTry).run());
    this.#lastReport = report;
    return report;
  }

  /** Rejects with MODEL_NOT_FOUND, IMAGE_NOT_FOUND, CANCELLED and what the baseline's run fails with. */
  async try(request: DoctorTryParams): Promise<DoctorTryReport> {
    const report = await this.#inTurn(request, (task) => new Measurement(task).run());
    this.#lastTry = report;
    return report;
  }

  /** False if nothing with this id is waiting or running. */
  cancel(id: string): boolean {
    return this.#parts.pool.cancel(taskId(id));
  }

  #inTurn<Request extends { readonly id?: string | undefined }, Report>(
    request: Request,
    work: (task: DoctorTask<Request>) => Promise<Report>,
  ): Promise<Report> {
    const parts = this.#parts;
    const id = request.id ?? randomUUID();
    const onStep: DoctorTask<Request>["onStep"] = (step, fraction, row) =>
      parts.events.emit("doctor.progress", { id, step, fraction, ...defined({ row }) });
    return enqueue(parts.pool, taskId(id), (signal) => work({ parts, request, signal, onStep }));
  }
}

/** A prefix tells these tasks from runs, which share the queue. */
function taskId(id: string): string {
  return `doctor ${id}`;
}
