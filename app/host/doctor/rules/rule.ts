import type { Finding } from "../../../contract/doctor.ts";
import type { DoctorCase } from "../case.ts";

/** What a rule says; its id is added by the table. */
export type Verdict = Omit<Finding, "rule" | "evidence"> & { readonly evidence?: readonly string[] };

export interface Rule {
  readonly id: string;
  /** Nothing, one finding or several: only from what the case holds, and never without a source. */
  readonly look: (found: DoctorCase) => readonly Verdict[];
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
