import { describe, expect, it } from "vitest";
import { elementsTable } from "../../app/cli/elements-table.ts";
import { formatBytes, formatMs, formatRate } from "../../app/cli/numbers.ts";
import { repeatTable } from "../../app/cli/repeat-table.ts";
import { runReport } from "../../app/cli/run-report.ts";
import { stagesTable } from "../../app/cli/stages-table.ts";
import { bar, renderTable } from "../../app/cli/table.ts";
import { oneLine } from "../../app/cli/terminal.ts";
import { profiles } from "../../app/contract/index.ts";
import { quantile } from "../../app/host/quantile.ts";
import { sampleDetection, sampleRun, sampleStages } from "../server/sample-run.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

const plain = new RecordingEnvironment().terminal;
const lineOf = (table: string, start: string): string =>
  table.split("\n").find((line) => line.trimStart().startsWith(start)) ?? `no line starts with ${start}`;

describe("tables", () => {
  it("line their columns up and keep within the terminal", () => {
    const columns = [{ title: "id", align: "right" }, { title: "label", flexible: true }, { title: "end" }] as const;
    const rows = [
      ["e1", "short", "x"],
      ["e10", "a label that goes on for much longer than the terminal", "y"],
    ];
    const narrow = renderTable({ ...plain, width: 40 }, columns, rows)
      .trimEnd()
      .split("\n");
    expect(Math.max(...narrow.map((line) => [...line].length))).toBe(40);
    expect(narrow[2]).toContain("…");
    expect(narrow[1]?.indexOf("x")).toBe(narrow[2]?.lastIndexOf("y"));
    expect(renderTable(plain, columns, rows)).toContain("longer than the terminal");
  });

  it("write colours only where they are wanted", () => {
    const columns = [{ title: "id", style: "cyan" }] as const;
    expect(renderTable(plain, columns, [["a"]])).not.toContain("\u001b");
    expect(renderTable({ ...plain, colour: true }, columns, [["a"]])).toContain("\u001b[36ma");
  });

  it("never let a model's text control the terminal", () => {
    const label = "evil\u001b[2J\u0007\r\nnext\u202eline";
    const table = elementsTable(plain, [{ ...sampleDetection(1, label), text: "\u009b31m" }]);
    expect(table.split("\n")).toHaveLength(3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not come through.
    expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(oneLine(" a\tb ")).toBe("a b");
  });

  it("draw bars in proportion", () => {
    expect(bar(1, 10)).toBe("█".repeat(10));
    expect(bar(0.5, 10)).toBe("█".repeat(5));
    expect(bar(0.55, 10)).toBe(`${"█".repeat(5)}▌`);
    expect(bar(1e-6, 10)).toBe("▏");
    expect([bar(0, 10), bar(Number.NaN, 10), bar(-1, 10)]).toEqual(["", "", ""]);
    expect(bar(7, 10)).toBe("█".repeat(10));
  });
});

describe("the table of elements", () => {
  it("shows id, label, box, size and confidence in source pixels", () => {
    const line = lineOf(elementsTable(plain, [sampleDetection(2, "menu item")]), "e2");
    expect(line.split(/\s+/)).toEqual([
      "e2",
      "menu",
      "item",
      "20.0",
      "20.0",
      "60.0",
      "50.0",
      "40.0",
      "×",
      "30.0",
      "0.90",
    ]);
  });

  it("shows a click point", () => {
    expect(elementsTable(plain, [{ ...sampleDetection(1), point: [33.26, 44] }])).toContain("click 33.3 44.0");
  });
});

describe("the table of stages", () => {
  it("gives ms, share, tokens and speed, and a total that the parts add up to", () => {
    const table = stagesTable(plain, sampleRun());
    const shown = sampleStages.map(({ stage }) => Number(lineOf(table, stage).split(/\s+/)[1]));
    const total = Number(lineOf(table, "total").split(/\s+/)[1]);
    expect(shown.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(total, 0);
    expect(lineOf(table, "encode")).toContain("73.0");
    expect(lineOf(table, "encode")).toContain("920 image, 1840 tokens/s");
    expect(lineOf(table, "prefill")).toContain("932 image + text, 15533 tokens/s");
    expect(lineOf(table, "generate")).toContain("36 generated, 360 tokens/s");
    expect(lineOf(table, "decode")).not.toContain("tokens");
    const blocks = (name: string) => lineOf(table, name).split("█").length;
    expect(blocks("encode")).toBeGreaterThan(blocks("generate"));
  });

  it("says in how many calls the tokens were generated where they are fewer", () => {
    const { result, ...run } = sampleRun();
    if (result === undefined) throw new Error("The sample run has no result.");
    const generate = (accepted: number) => {
      const decoding = { calls: 36 - accepted, jumps: 3, proposed: 20, accepted };
      const tokens = { image: 920, text: 12, generated: 36, decoding };
      return lineOf(stagesTable(plain, { ...run, result: { ...result, tokens } }), "generate");
    };
    expect(generate(12)).toContain("36 generated in 24 calls, 360 tokens/s");
    expect(generate(0)).toContain("36 generated, 360 tokens/s");
  });

  it("shows a reused stage as reused: no ms, no bar, no speed", () => {
    const stages = sampleStages.map((stage) => (stage.stage === "encode" ? { ...stage, ms: 0, reused: true } : stage));
    const table = stagesTable(plain, sampleRun({ stages }));
    expect(lineOf(table, "encode").trim()).toMatch(/^encode +reused$/);
    expect(lineOf(table, "prefill")).toContain("12 text, 200 tokens/s");
  });

  it("indents measured parts", () => {
    const parts = [
      { name: "image", ms: 50 },
      { name: "text", ms: 10 },
    ];
    const stages = sampleStages.map((stage) => (stage.stage === "prefill" ? { ...stage, parts } : stage));
    const table = stagesTable(plain, sampleRun({ stages }));
    expect(table).toMatch(/^ {2}image +50\.0/m);
    expect(table).toMatch(/^ {2}text +10\.0/m);
  });

  it("keeps within a narrow terminal and still shows bars and numbers", () => {
    const table = stagesTable({ ...plain, width: 60 }, sampleRun());
    expect(Math.max(...table.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(60);
    expect(lineOf(table, "encode")).toContain("████");
    expect(lineOf(table, "encode")).toContain("920 image, 1840 tokens/s");
  });

  it("survives a run of 0 ms", () => {
    const stages = sampleStages.map((stage) => ({ ...stage, ms: 0 }));
    expect(stagesTable(plain, sampleRun({ stages, totalMs: 0 }))).not.toMatch(/NaN|Infinity/);
  });
});

describe("the table of repeats", () => {
  const run = (encode: number, reused: boolean) =>
    sampleRun({
      stages: [
        { stage: "encode", ms: encode, ...(reused ? { reused } : {}) },
        { stage: "generate", ms: 100 },
      ],
      totalMs: encode + 100,
    });

  it("gives median and spread over the runs that measured a stage", () => {
    const table = repeatTable(plain, [run(100, false), run(300, false), run(200, false), run(0, true)]);
    expect(lineOf(table, "encode")).toMatch(/^encode +200\.0 +110\.0 - 290\.0 +90 % +3\/4/);
    expect(lineOf(table, "generate")).toMatch(/^generate +100\.0 +100\.0 - 100\.0 +0 % +4\/4/);
    expect(lineOf(table, "total")).toMatch(/^total +300\.0 .* 3\/4/);
  });

  it("says so when every run reused a stage", () => {
    expect(lineOf(repeatTable(plain, [run(0, true), run(0, true)]), "encode")).toMatch(/^encode +reused +0\/2$/);
  });
});

describe("the report of a run", () => {
  it("says what was found and where the numbers come from", () => {
    const report = runReport(plain, [
      sampleRun({ belowThreshold: [sampleDetection(3)], warnings: [{ code: "OFF_TRAINING", message: "Careful." }] }),
    ]);
    expect(report).toContain("screen.png  1920 × 1080 px");
    expect(report).toContain(`2 elements, 1 more below the minimum confidence of ${profiles.balanced.minConfidence}`);
    expect(report).toContain("first element after 590.0 ms");
    expect(report).toContain("Nano on cpu, 8 threads (4 to generate), Test CPU, llama.cpp b1, profile balanced");
    expect(report).toContain("model input 1280 × 800 px");
    expect(report).toContain("chosen in the settings");
    expect(report).toContain("warning: Careful.");
  });

  it("does not crash on an empty result", () => {
    const report = runReport(plain, [sampleRun({ detections: [], belowThreshold: [] })]);
    expect(report).toContain("0 elements");
    expect(report).not.toContain("confidence");
  });
});

describe("numbers", () => {
  it("are written with sensible precision", () => {
    expect([formatMs(0.0234), formatMs(12.34), formatMs(1234.56)]).toEqual(["0.02", "12.3", "1234.6"]);
    expect([formatBytes(0), formatBytes(999), formatBytes(21_200_000), formatBytes(4.68e9)]).toEqual([
      "0 B",
      "999 B",
      "21.2 MB",
      "4.7 GB",
    ]);
    expect([formatRate(0, 10), formatRate(10, 0), formatRate(3, 1000)]).toEqual(["", "", "3.0 tokens/s"]);
  });

  it("quantiles interpolate", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([0, 100], 0.05)).toBeCloseTo(5);
  });
});
