import { describe, expect, it } from "vitest";
import type { RunRecord, StageName } from "../../app/contract/index.ts";
import { longestBar, measuredBar, reportedBar } from "../../renderer/logic/compare/bars.ts";
import { configurationKey } from "../../renderer/logic/compare/configuration.ts";
import { historyOf } from "../../renderer/logic/compare/history.ts";
import { reportedRows, unassignedMs } from "../../renderer/logic/compare/reported.ts";
import { runNames } from "../../renderer/logic/compare/run-names.ts";
import { ratioTo, timingGroups } from "../../renderer/logic/compare/timing-groups.ts";
import { comparedRun, fastStages as fast, slowStages as slow } from "../support/compared-runs.ts";
import { imageFixture } from "../support/run-fixtures.ts";

function run(id: number, backend: "cuda" | "metal", stages = slow, reused: readonly StageName[] = []): RunRecord {
  const image = imageFixture();
  return comparedRun({ id: `run-0000000${id}`, image, backend, machine: backend, day: id, stages, reused });
}

describe("groups", () => {
  const runs = [run(1, "metal"), run(2, "cuda", fast), run(3, "cuda", { ...fast, encode: 220 })];

  it("gather runs and take medians", () => {
    const [metal, cuda] = timingGroups(runs, "backend");
    expect([metal?.name, cuda?.name]).toEqual(["Metal", "CUDA"]);
    expect(cuda?.figures.stages.encode.measured).toMatchObject({ n: 2, median: 210 });
    expect(cuda && ratioTo(metal?.figures.stages.encode, cuda.figures.stages.encode)).toBeCloseTo(210 / 800, 12);
    expect(cuda && ratioTo(undefined, cuda.figures.total)).toBeUndefined();
  });

  it("say when they mix unlike runs", () => {
    const [mixed] = timingGroups([run(1, "cuda"), run(2, "metal")], "profile");
    expect(mixed?.mixes).toEqual(["2 backends", "2 machines"]);
    expect(timingGroups(runs, "configuration").map(({ mixes }) => mixes)).toEqual([[], []]);
  });

  it("do not take a setting's change for a repeat", () => {
    const [first] = runs;
    if (first === undefined) throw new Error("no run");
    const other = { ...first, id: "run-other-1", settings: { ...first.settings, maxImageTokens: 640 } };
    const newer = { ...first, id: "run-newer-1", app: { version: "9.0.0", node: "20" } };
    expect(configurationKey(other)).not.toBe(configurationKey(first));
    expect(configurationKey(newer)).toBe(configurationKey(first));
    expect(timingGroups([first, other], "machine")[0]?.mixes).toEqual(["other settings"]);
  });

  it("are named by what tells them apart", () => {
    const names = [...runNames(runs).values()];
    expect(names[0]).toBe("Metal · metal");
    expect(names[1]).toMatch(/^CUDA · cuda · 2 Mar 2026/);
    expect(new Set(names).size).toBe(3);
  });
});

describe("bars", () => {
  it("give a reused stage no length and no part of a total", () => {
    const [group] = timingGroups([run(1, "cuda", { ...slow, encode: 0.2 }, ["encode"])], "run");
    const bar = group && measuredBar(group);
    expect(bar?.segments.find(({ key }) => key === "encode")?.ms).toBe(0);
    expect(bar?.reused).toEqual(["encode"]);
    expect(bar).not.toHaveProperty("total");
  });

  it("show the reported figures as they were given, and invent no stage for the rest", () => {
    const [cpu, metal, cuda] = reportedRows.map(reportedBar);
    expect(cpu).toMatchObject({ total: [21_000, 21_000], source: "reported", runs: 0 });
    expect(metal?.segments).toEqual([
      { key: "decode", ms: 50 },
      { key: "encode", ms: 2000 },
      { key: "prefill", ms: 10_000 },
      { key: "generate", ms: 2500 },
      { key: "parse", ms: 50 },
      { key: "unassigned", ms: 200 },
      { key: "range", ms: 0 },
    ]);
    expect(cuda?.total).toEqual([1500, 2500]);
    expect(cuda && longestBar([cuda])).toBe(2500);
    expect(reportedRows.map(unassignedMs)).toEqual([21_000, 200, 1500]);
  });
});

describe("the history of a configuration", () => {
  it("follows the same configuration by date and leaves the others and reused totals out", () => {
    const reused = run(4, "cuda", slow, ["encode"]);
    const records = [run(3, "cuda", fast), run(1, "cuda"), run(2, "metal"), reused];
    const [, like] = records;
    if (like === undefined) throw new Error("no run");
    expect(historyOf(records, like, "total").map(({ runId, ms }) => [runId, ms])).toEqual([
      ["run-00000001", 1400],
      ["run-00000003", 650],
    ]);
    expect(historyOf(records, like, "generate")).toHaveLength(3);
    expect(historyOf(records, like, "encode").map(({ ms }) => ms)).toEqual([800, 200]);
  });
});
