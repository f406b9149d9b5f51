import path from "node:path";
import type { FileAudit } from "../../contract/doctor.ts";
import type { GgufSummary, PairInspection } from "../../contract/model.ts";
import type { Source } from "../../contract/source.ts";
import { type ComputeSurroundings, typeVerdict } from "./type-support.ts";

/** Both files of a pair: what lies in them, and what the backend does with each type; the largest share first. */
export function fileAudits({ model, mmproj }: PairInspection, surroundings: ComputeSurroundings): FileAudit[] {
  return [audit("model", model, surroundings), audit("mmproj", mmproj, surroundings)];
}

function audit(role: FileAudit["role"], summary: GgufSummary, surroundings: ComputeSurroundings): FileAudit {
  const source: Source = { kind: "gguf", detail: `header of ${path.basename(summary.path)}` };
  const types = Object.entries(summary.tensorTypes)
    .map(([type, { tensors, bytes }]) => ({ type, tensors, bytes, ...typeVerdict(type, surroundings) }))
    .sort((a, b) => b.bytes - a.bytes);
  return { role, summary, types, source };
}
