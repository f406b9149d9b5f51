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

/** Bytes in powers of 1000, as file managers show them. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const exponent = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${(bytes / 1000 ** exponent).toFixed(exponent === 0 ? 0 : 1)} ${units[exponent] ?? "B"}`;
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
