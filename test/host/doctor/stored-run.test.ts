import { expect, it } from "vitest";
import { type FocusOutcome, type RunRecord, summariseRun } from "../../../app/contract/index.ts";
import { findStoredRun } from "../../../app/host/doctor/stored-run.ts";
import { makeRun, type RunFixture } from "../../support/run-fixtures.ts";

function runAt(minute: number, fixture: RunFixture = {}, outcome?: FocusOutcome): RunRecord {
  const run = makeRun({ ...fixture, createdAt: `2026-03-01T09:0${minute}:00.000Z` });
  if (outcome === undefined) return run;
  return { ...run, focus: { outcome, reason: "Told.", changedTiles: 1, totalTiles: 9, keptDetections: 2 } };
}

async function foundAmong(runs: readonly RunRecord[]): Promise<string | undefined> {
  const store = {
    list: async () => runs.map(summariseRun),
    get: async (id: string) => {
      const run = runs.find((each) => each.id === id);
      if (run === undefined) throw new Error(`no run ${id}`);
      return run;
    },
  };
  const [first] = runs;
  const found = await findStoredRun(store, first?.model.id ?? "", "cpu");
  return found?.source.detail;
}

it("takes the newest run of the whole image with every stage run, on that backend", async () => {
  const whole = runAt(1);
  const others = [
    runAt(2, {}, "cropped"),
    runAt(3, {}, "unchanged"),
    runAt(4, { reused: ["encode"] }),
    runAt(5, { backend: "cuda" }),
    runAt(6, { status: "cancelled" }),
  ];
  expect(await foundAmong([whole, ...others])).toBe(`run ${whole.id} of ${whole.createdAt}`);
  const full = runAt(7, {}, "full");
  expect(await foundAmong([whole, ...others, full])).toBe(`run ${full.id} of ${full.createdAt}`);
});

it("finds nothing where each run left something out", async () => {
  expect(await foundAmong([runAt(1, {}, "cropped"), runAt(2, { reused: ["encode", "prefill"] })])).toBeUndefined();
});
