import { sum } from "d3-array";
import type { StageName } from "../../../app/contract/index.ts";

/**
 * Figures of the report that Holoscope began with. They were read by their author on machines that are not described
 * beyond the backend, and nothing of them was measured by this application.
 */
export interface ReportedRow {
  readonly key: string;
  readonly name: string;
  /** ms; two different ends where the report gives a range. */
  readonly total: readonly [number, number];
  /** ms; the report does not divide decode from preprocess. */
  readonly parts: readonly { readonly stages: readonly [StageName, ...StageName[]]; readonly ms: number }[];
}

export const reportedMark = "reported, not measured here";

export const reportedRows: readonly ReportedRow[] = [
  { key: "reported-cpu", name: "CPU", total: [21_000, 21_000], parts: [] },
  {
    key: "reported-metal",
    name: "Metal",
    total: [14_800, 14_800],
    parts: [
      { stages: ["decode", "preprocess"], ms: 50 },
      { stages: ["encode"], ms: 2000 },
      { stages: ["prefill"], ms: 10_000 },
      { stages: ["generate"], ms: 2500 },
      { stages: ["parse"], ms: 50 },
    ],
  },
  { key: "reported-cuda", name: "CUDA", total: [1500, 2500], parts: [] },
];

/** ms of the total that the report assigns to no stage. */
export function unassignedMs({ total, parts }: ReportedRow): number {
  return Math.max(0, total[0] - sum(parts, ({ ms }) => ms));
}
