import type { RunRecord } from "../../../app/contract/index.ts";
import { formatDateTime } from "../../../app/presentation/numbers.ts";
import { backendName, profileTexts } from "../../../app/presentation/texts.ts";
import { machineKey, modelKey } from "./configuration.ts";

/** Facts that tell runs apart: the key that is compared, and the text that is shown. In the order a name shows them. */
export const runFacts = {
  backend: {
    key: (run: RunRecord) => run.engine?.backend ?? "unknown",
    text: ({ engine }: RunRecord) => (engine === undefined ? "Backend unknown" : backendName(engine.backend)),
  },
  model: { key: modelKey, text: (run: RunRecord) => run.model.name },
  machine: { key: machineKey, text: (run: RunRecord) => run.machine.name },
  profile: { key: (run: RunRecord) => run.profile, text: (run: RunRecord) => profileTexts[run.profile] },
} as const;

/**
 * A short name for each run, by id: its backend and what differs among these runs; the date where that leaves two
 * runs alike.
 */
export function runNames(runs: readonly RunRecord[]): ReadonlyMap<string, string> {
  const telling = Object.values(runFacts).filter(({ key }, index) => index === 0 || new Set(runs.map(key)).size > 1);
  const short = runs.map((run) => telling.map(({ text }) => text(run)).join(" · "));
  return new Map(
    runs.map((run, index) => {
      const name = short[index] ?? "";
      const alone = short.filter((each) => each === name).length === 1;
      return [run.id, alone ? name : `${name} · ${formatDateTime(run.createdAt)}`];
    }),
  );
}
