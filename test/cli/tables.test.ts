import { describe, expect, it } from "vitest";
import { elementsTable } from "../../app/cli/elements-table.ts";
import { repeatTable } from "../../app/cli/repeat-table.ts";
import { runReport } from "../../app/cli/run-report.ts";
import { stagesTable } from "../../app/cli/stages-table.ts";
import { bar, renderTable } from "../../app/cli/table.ts";
import { harmless, oneLine } from "../../app/cli/terminal.ts";
import { assumedScale, profiles } from "../../app/contract/index.ts";
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
    const table = elementsTable(plain, [{ ...sampleDetection(1, label), text: "\u009b31m" }], assumedScale);
    expect(table.split("\n")).toHaveLength(3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not come through.
    expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(oneLine(" a\tb ")).toBe("a b");
  });

  it("no text works the terminal: colours stay, all else of control characters goes", () => {
    const [esc, bell, csi] = ["\u001b", "\u0007", "\u009b"];
    expect(harmless(`${esc}]0;title${bell}${esc}]52;c;YQ==${bell}${esc}[2J${csi}2J\u0000`)).not.toMatch(/[^\P{Cc}]/u);
    expect(harmless(`${esc}[31mred${esc}[39m\r${esc}[K\n\t`)).toBe(`${esc}[31mred${esc}[39m\r${esc}[K\n\t`);
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
    const line = lineOf(elementsTable(plain, [sampleDetection(2, "menu item")], assumedScale), "e2");
    expect(line.split(/\s+/)).toEqual(["e2", "menu", "item", "20", "20", "60", "50", "40", "×", "30", "0.90"]);
  });

  it("shows a click point", () => {
    expect(elementsTable(plain, [{ ...sampleDetection(1), point: [33.26, 44] }], assumedScale)).toContain(
      "click 33.3 44",
    );
  });
});

describe("an image with a scale", () => {
  it("has the clicks in CSS px beside the boxes in image px, and the scale with its source in the title", () => {
    const scale = { value: 2, from: "density" } as const;
    const table = elementsTable(plain, [sampleDetection(2)], scale);
    expect(table).toContain("click (CSS px)");
    expect(lineOf(table, "e2").trimEnd()).toMatch(/20\s+20\s+60\s+50 .* 20 17\.5$/);
    const run = sampleRun();
    const report = runReport(plain, [{ ...run, image: { ...run.image, scale } }]);
    expect(report).toMatch(/px, scale 2 \(from the file's density\)/);
    expect(runReport(plain, [run])).not.toMatch(/scale/);
  });
});

describe("the table of stages", () => {
  it("gives ms, share, tokens and speed, and a total that the parts add up to", () => {
    const table = stagesTable(plain, sampleRun());
    const shown = sampleStages.map(({ stage }) => Number(lineOf(table, stage).split(/\s+/)[1]));
    const total = Number(lineOf(table, "total").split(/\s+/)[1]);
    expect(shown.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(total, 0);
    expect(lineOf(table, "encode")).toContain("73.0 %");
    expect(lineOf(table, "encode")).toContain("920 image, 1,840/s");
    expect(lineOf(table, "prefill")).toContain("932 image + text, 15,533/s");
    expect(lineOf(table, "generate")).toContain("36 generated, 360/s");
    expect(lineOf(table, "decode")).not.toContain("/s");
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
    expect(generate(12)).toContain("36 generated in 24 calls, 360/s");
    expect(generate(0)).toContain("36 generated, 360/s");
  });

  it("shows a reused stage as reused: no ms, no bar, no speed", () => {
    const stages = sampleStages.map((stage) => (stage.stage === "encode" ? { ...stage, ms: 0, reused: true } : stage));
    const table = stagesTable(plain, sampleRun({ stages }));
    expect(lineOf(table, "encode").trim()).toMatch(/^encode +reused$/);
    expect(lineOf(table, "prefill")).toContain("12 text, 200/s");
  });

  it("indents measured parts", () => {
    const parts = [
      { name: "image", ms: 50 },
      { name: "text", ms: 10 },
    ];
    const stages = sampleStages.map((stage) => (stage.stage === "prefill" ? { ...stage, parts } : stage));
    const table = stagesTable(plain, sampleRun({ stages }));
    expect(table).toMatch(/^ {2}image +50\.0 ms/m);
    expect(table).toMatch(/^ {2}text +10\.0 ms/m);
  });

  it("keeps within a narrow terminal and still shows bars and numbers", () => {
    const table = stagesTable({ ...plain, width: 60 }, sampleRun());
    expect(Math.max(...table.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(60);
    expect(lineOf(table, "encode")).toContain("████");
    expect(lineOf(table, "encode")).toContain("920 image, 1,840/s");
  });

  it("survives a run of 0 ms", () => {
    const stages = sampleStages.map((stage) => ({ ...stage, ms: 0 }));
    expect(stagesTable(plain, sampleRun({ stages, totalMs: 0 }))).not.toMatch(/NaN|Infinity|\d\/s/);
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
    expect(lineOf(table, "encode")).toMatch(/^encode +200 ms +110 ms - 290 ms +90\.0 % +3\/4/);
    expect(lineOf(table, "generate")).toMatch(/^generate +100 ms +100 ms - 100 ms +0\.0 % +4\/4/);
    expect(lineOf(table, "total")).toMatch(/^total +300 ms .* 3\/4/);
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
    expect(report).toContain("first element after 590 ms");
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
