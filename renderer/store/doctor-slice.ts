import type { DoctorReport, DoctorTryReport, EventPayload, TryRow } from "../../app/contract/index.ts";

/** What the doctor said last, and what it is doing. */
export interface DoctorState {
  readonly report: DoctorReport | undefined;
  /** Of the last measurement that came to its end. */
  readonly trial: DoctorTryReport | undefined;
  /** Rows of the measurement under way or of the last one, as far as they are measured. */
  readonly rows: readonly TryRow[];
  readonly job: DoctorJob | undefined;
  /** Id of the conversion that a finding's button started last; it is one of the models' jobs. */
  readonly repairId: string | undefined;
}

export interface DoctorJob {
  readonly id: string;
  readonly kind: "run" | "try";
  readonly step: string;
  readonly fraction: number | undefined;
}

export const initialDoctor: DoctorState = {
  report: undefined,
  trial: undefined,
  rows: [],
  job: undefined,
  repairId: undefined,
};

/** Takes in progress of our own job; that of other windows' jobs changes nothing. */
export function withDoctorProgress(state: DoctorState, event: EventPayload<"doctor.progress">): DoctorState {
  const { job } = state;
  if (job === undefined || job.id !== event.id) return state;
  const { row } = event;
  return {
    ...state,
    job: { ...job, step: event.step, fraction: event.fraction },
    rows: row === undefined ? state.rows : withRow(state.rows, row),
  };
}

function withRow(rows: readonly TryRow[], row: TryRow): readonly TryRow[] {
  return rows.some(({ id }) => id === row.id) ? rows.map((each) => (each.id === row.id ? row : each)) : [...rows, row];
}
