import { describe, expect, it } from "vitest";
import { heatStrip, operatorTimesReport } from "../../app/cli/operator-times-report.ts";
import type { OperatorTimes, StageOperators } from "../../app/contract/index.ts";
import { operatorTimesFixture } from "../support/operator-times-fixture.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

const plain = new RecordingEnvironment().terminal;
const cells = (report: string, start: string): string[] =>
  (report.split("\n").find((line) => line.startsWith(start)) ?? "").split(/\s{2,}/);

const encodeOf = (profile: OperatorTimes): StageOperators => {
  const [stage] = profile.stages;
  if (stage === undefined) throw new Error("no stage");
  return stage;
};

describe("the report of a profile", () => {
  const report = operatorTimesReport(plain, operatorTimesFixture());

  it("sets true times beside profiled ones", () => {
    expect(cells(report, "encode ")).toEqual(["encode", "500 ms", "540 ms", "1.1×", "13", "50.0 ms", "CPU 100.0 %"]);
    expect(cells(report, "generate ").slice(0, 4)).toEqual(["generate", "100 ms", "600 ms", "6.0×"]);
  });

  it("gives each category its share, its estimate from the true time, and its nodes", () => {
    expect(cells(report, "FFN").slice(0, 4)).toEqual(["FFN", "40.0 %", "180 ms", "4"]);
    expect(cells(report, "attention core").slice(0, 4)).toEqual(["attention core", "30.0 %", "135 ms", "2"]);
    expect(cells(report, "outside nodes")).toEqual(["outside nodes", "50.0 ms"]);
    expect(report).toContain("operators: MUL_MAT 70.0 %, FLASH_ATTN_EXT 30.0 %");
  });

  it("answers which attention ran, where and for how long", () => {
    const rows = report.split("\n").filter((line) => /flash/.test(line));
    expect(rows[0]?.split(/\s{2,}/)).toEqual([
      ...["0", "flash, masked", "CPU", "15.0 %", "67.5 ms", "72.9 ms"],
      "FLASH_ATTN_EXT 64 × 4 × 920",
    ]);
    expect(rows[1]?.split(/\s{2,}/).slice(0, 3)).toEqual(["1", "flash, no mask", "CPU"]);
  });

  it("lists the slowest nodes of all stages by their true time", () => {
    const rows = report.slice(report.indexOf("slowest nodes")).trimEnd().split("\n").slice(2);
    expect(rows.map((row) => row.split(/\s{2,}/)[0])).toEqual([
      ...["encode", "encode", "generate", "generate", "prefill", "prefill"],
    ]);
    expect(rows[0]?.split(/\s{2,}/)).toEqual([
      ...["encode", "0", "ffn_out-0 ← blk.0.ffn_down.weight", "MUL_MAT", "256 × 920", "q8_0 → f32", "CPU", "2"],
      ...["20.0 %", "90.0 ms"],
    ]);
  });

  it("warns when the profiled pass answered otherwise, and gives no times where there is no true one", () => {
    expect(report).toContain("It wrote the same answer.");
    const { unprofiledMs, ...reused } = encodeOf(operatorTimesFixture());
    expect(unprofiledMs).toBe(500);
    const other = operatorTimesReport(plain, operatorTimesFixture({ sameAnswer: false, stages: [reused] }));
    expect(other).toContain("another answer");
    expect(cells(other, "encode ").slice(0, 3)).toEqual(["encode", "reused", "540 ms"]);
    expect(cells(other, "FFN").slice(0, 3)).toEqual(["FFN", "40.0 %", "4"]);
  });
});

it("draws layers as high as their time", () => {
  expect(heatStrip([{ ms: 0 }, { ms: 4 }, { ms: 8 }])).toBe("▁▅█");
  expect(heatStrip([{ ms: 0 }])).toBe("▁");
  expect(heatStrip([])).toBe("");
});
