import type { RunRecord } from "../../../app/contract/index.ts";

export interface ReportColumn {
  readonly text: string;
  /** Right-aligned figures. */
  readonly numeric?: boolean;
}

export interface ReportTable {
  readonly title: string;
  readonly note?: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly string[])[];
}

/** A run with the letter that the tables call it by. */
export interface NamedRun {
  readonly name: string;
  readonly run: RunRecord;
}
