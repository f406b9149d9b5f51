import type { Backend } from "../../contract/index.ts";
import type { RunStore } from "../runs/store.ts";
import type { ObservedRun } from "./case.ts";

/** How many of the newest runs to search; older ones hardly describe today's machine. */
const newest = 200;

/** The last complete run of a model on a backend, of the whole image and without reused or overlapped stages. */
export async function findStoredRun(
  runs: Pick<RunStore, "list" | "get">,
  modelId: string,
  backend: Backend | undefined,
): Promise<ObservedRun | undefined> {
  const summaries = await runs.list({ limit: newest });
  const [last] = summaries
    .filter((run) => run.modelId === modelId && run.status === "done")
    .filter(({ reused, overlapped }) => reused === undefined && overlapped === undefined)
    .filter((run) => run.backend === backend && (run.focus ?? "full") === "full")
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  if (last === undefined) return undefined;
  const { id, createdAt, stages, totalMs, warnings, result } = await runs.get(last.id);
  if (result === undefined) return undefined;
  const source = { kind: "run", detail: `run ${id} of ${createdAt}` } as const;
  return { stages, totalMs, warnings, tokens: result.tokens, effective: result.effective, source };
}
