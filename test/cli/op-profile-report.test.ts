import { describe, expect, it } from "vitest";
import { attentionRows, layerNumbers } from "../../app/cli/op-profile-attention.ts";
import { heatStrip, opProfileReport } from "../../app/cli/op-profile-report.ts";
import type { OpProfile, StageProfile } from "../../app/contract/index.ts";
import { opProfileFixture } from "../support/op-profile-fixture.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

const plain = new RecordingEnvironment().terminal;
const cells = (report: string, start: string): string[] =>
  (report.split("\n").find((line) => line.startsWith(start)) ?? "").split(/\s{2,}/);

const encodeOf = (profile: OpProfile): StageProfile => {
  const [stage] = profile.stages;
  if (stage === undefined) throw new Error("no stage");
  return stage;
};

describe("the report of a profile", () => {
  const report = opProfileReport(plain, opProfileFixture());

  it("sets true times beside profiled ones", () => {
    expect(cells(report, "encode ")).toEqual(["encode", "500.0", "540.0", "× 1.08", "13", "50.0", "CPU 100.0 %"]);
    expect(cells(report, "generate ").slice(0, 4)).toEqual(["generate", "100.0", "600.0", "× 6.00"]);
  });

  it("gives each category its share, its estimate from the true time, and its nodes", () => {
    expect(cells(report, "FFN").slice(0, 4)).toEqual(["FFN", "40.0", "180.0", "4"]);
    expect(cells(report, "attention core").slice(0, 4)).toEqual(["attention core", "30.0", "135.0", "2"]);
    expect(cells(report, "outside nodes")).toEqual(["outside nodes", "50.0"]);
    expect(report).toContain("operators: MUL_MAT 70.0 %, FLASH_ATTN_EXT 30.0 %");
  });

  it("answers which attention ran, where and for how long", () => {
    const rows = report.split("\n").filter((line) => /flash/.test(line));
    expect(rows[0]?.split(/\s{2,}/)).toEqual([
      ...["0", "flash, masked", "CPU", "15.0", "67.5", "72.9"],
      "FLASH_ATTN_EXT 64 × 4 × 920 × 1",
    ]);
    expect(rows[1]?.split(/\s{2,}/).slice(0, 3)).toEqual(["1", "flash", "CPU"]);
  });

  it("lists the slowest nodes of all stages by their true time", () => {
    const rows = report.slice(report.indexOf("slowest nodes")).trimEnd().split("\n").slice(2);
    expect(rows.map((row) => row.split(/\s{2,}/)[0])).toEqual([
      ...["encode", "encode", "generate", "generate", "prefill", "prefill"],
    ]);
    expect(rows[0]?.split(/\s{2,}/)).toEqual([
      ...["encode", "0", "ffn_out-0 ← blk.0.ffn_down.weight", "MUL_MAT", "256 × 920", "q8_0 → f32", "CPU", "2"],
      ...["20.0", "90.0"],
    ]);
  });

  it("warns when the profiled pass answered otherwise, and gives no times where there is no true one", () => {
    expect(report).toContain("It wrote the same answer.");
    const { unprofiledMs, ...reused } = encodeOf(opProfileFixture());
    expect(unprofiledMs).toBe(500);
    const other = opProfileReport(plain, opProfileFixture({ sameAnswer: false, stages: [reused] }));
    expect(other).toContain("another answer");
    expect(cells(other, "encode ").slice(0, 3)).toEqual(["encode", "reused", "540.0"]);
    expect(cells(other, "FFN").slice(0, 3)).toEqual(["FFN", "40.0", "4"]);
  });
});

it("joins layers that ran the same attention", () => {
  const stage = encodeOf(opProfileFixture());
  const layers = [0, 1, 2, 3].map((layer) => ({
    layer,
    kind: "flash" as const,
    masked: layer !== 2,
    nodes: 1,
    ms: 10,
    ops: [],
  }));
  const rows = attentionRows({ ...stage, nodeMs: 100, attention: layers });
  expect(rows.map(([numbers, kind, , share]) => [numbers, kind, share])).toEqual([
    ["0-1, 3", "flash, masked", "30.0"],
    ["2", "flash", "10.0"],
  ]);
  expect(layerNumbers([0, 1, 2, 4, 6, 7])).toBe("0-2, 4, 6-7");
});

it("draws layers as high as their time", () => {
  expect(heatStrip([{ ms: 0 }, { ms: 4 }, { ms: 8 }])).toBe("▁▅█");
  expect(heatStrip([{ ms: 0 }])).toBe("▁");
  expect(heatStrip([])).toBe("");
});
