import type { RunRecord } from "../../../app/contract/index.ts";
import { formatDateTime } from "../format.ts";
import { backendName, profileTexts } from "../names.ts";
import { machineKey, modelKey } from "./configuration.ts";

/** Facts that can tell runs apart: as compared, and as shown. In the order a name shows them. */
const facts: readonly { readonly key: (run: RunRecord) => string; readonly text: (run: RunRecord) => string }[] = [
  { key: backendKey, text: backendText },
  { key: modelKey, text: (run) => run.model.name },
  { key: machineKey, text: (run) => run.machine.name },
  { key: (run) => run.profile, text: (run) => profileTexts[run.profile] },
];

export function backendKey(run: RunRecord): string {
  return run.engine?.backend ?? "unknown";
}

export function backendText(run: RunRecord): string {
  return run.engine === undefined ? "Backend unknown" : backendName(run.engine.backend);
}

/**
 * A short name for each run, by id: its backend and what differs among these runs; the date where that leaves two
 * runs alike.
 */
export function runNames(runs: readonly RunRecord[]): ReadonlyMap<string, string> {
  const telling = facts.filter(({ key }, index) => index === 0 || new Set(runs.map(key)).size > 1);
  const short = runs.map((run) => telling.map(({ text }) => text(run)).join(" · "));
  return new Map(
    runs.map((run, index) => {
      const name = short[index] ?? "";
      const alone = short.filter((each) => each === name).length === 1;
      return [run.id, alone ? name : `${name} · ${formatDateTime(run.createdAt)}`];
    }),
  );
}
