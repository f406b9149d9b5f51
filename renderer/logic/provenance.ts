import type { RunRecord } from "../../app/contract/index.ts";
import { formatDateTime } from "../../app/presentation/numbers.ts";
import { backendName } from "../../app/presentation/texts.ts";

/** Where a run's figures come from: machine, backend, model and date. */
export function provenance(record: RunRecord): string {
  const parts = [
    record.machine.name,
    ...(record.engine === undefined ? [] : [backendName(record.engine.backend)]),
    record.model.name,
    formatDateTime(record.createdAt),
  ];
  return `Measured on ${parts.join(" · ")}`;
}
