import { describe, expect, it } from "vitest";
import { benchFixture } from "../bench-fixture.ts";
import { spreadOf } from "../report.ts";
import { toMarkdown } from "./markdown.ts";
import { axisStep, toSvg } from "./svg.ts";

describe("the Markdown of a benchmark", () => {
  const text = toMarkdown(benchFixture());
  const cells = (start: string): string[] =>
    (text.split("\n").find((line) => line.startsWith(`| ${start} `)) ?? "").split("|").map((cell) => cell.trim());

  it("has a column for each side and a row for each stage that a side reports", () => {
    expect(text).toContain("|  | Holoscope | bare libmtmd |");
    expect(cells("encode").slice(2, 4)).toEqual(["380 (380-380)", "880 (880-880)"]);
    expect(cells("**total**").slice(2, 4)).toEqual(["500 (491-509)", "1000 (991-1009)"]);
    expect(cells("total / Holoscope's").slice(2, 4)).toEqual(["1.00 (1.00-1.00)", "2.00 (2.00-2.00)"]);
    expect(text).not.toContain("prefill, image");
  });

  it("names the machine, its load, the versions and what was left out", () => {
    expect(text).toContain("Test CPU, 2 physical cores");
    expect(text).toContain("load average 0.1 before, 1.9 after");
    expect(text).toContain("llama.cpp v0.4.0 on cpu, Node 20.20.0");
    expect(text).toContain("- llama-server was left out: not built");
  });

  it("says a figure that a side does not report as a dash, not as 0", () => {
    expect(cells("first box").slice(2, 4)).toEqual(["-", "-"]);
    expect(cells("peak memory")[2]).toBe("-");
    expect(cells("256 (672 x 384 px)").slice(2, 4)).toEqual(["100 (-)", "200 (90.0)"]);
  });

  it("gives batches per image and per minute", () => {
    expect(cells("8").slice(2, 4)).toEqual(["250 (240.0/min)", "500 (120.0/min)"]);
    expect(cells("8, steady").slice(2, 4)).toEqual(["4.20/s", "2.00/s"]);
  });

  it("says when two sides did not do the same work", () => {
    expect(text).not.toContain("Not alike");
    const fixture = benchFixture();
    const [own, bare] = fixture.sides;
    if (own === undefined || bare === undefined) throw new Error("The fixture has two sides.");
    const unlike = { ...fixture, sides: [own, { ...bare, imageTokens: 912, newTokens: 12 }] };
    expect(toMarkdown(unlike)).toContain("bare libmtmd used 912 image tokens, Holoscope 920");
    expect(toMarkdown(unlike)).toContain("bare libmtmd wrote 12 tokens, Holoscope 64");
  });
});

describe("the chart of a benchmark", () => {
  const svg = toSvg(benchFixture());

  it("escapes what is not its own", () => {
    expect(svg).toContain("Model &lt;1&gt; &amp; co");
    expect(svg).not.toContain("Model <1>");
  });

  it("closes every element it opens", () => {
    const opened = svg.match(/<[a-z]+(?=[\s>])/g)?.length ?? 0;
    const closed = (svg.match(/<\/[a-z]+>/g)?.length ?? 0) + (svg.match(/\/>/g)?.length ?? 0);
    expect(opened).toBeGreaterThan(20);
    expect(closed).toBe(opened);
  });

  it("draws bars as long as the stages are, on one scale", () => {
    const encodes = [...svg.matchAll(/width="([\d.]+)" height="26" class="s1"/g)].map((match) => Number(match[1]));
    expect(encodes).toHaveLength(2);
    expect((encodes[1] ?? 0) / (encodes[0] ?? 1)).toBeCloseTo(880 / 380, 2);
  });

  it("draws a line for each side, downwards for more ms", () => {
    const lines = [...svg.matchAll(/points="([^"]+)"/g)].map((match) => match[1]?.split(" ") ?? []);
    expect(lines).toHaveLength(2);
    const heights = lines[1]?.map((point) => Number(point.split(",")[1])) ?? [];
    expect(heights).toHaveLength(2);
    expect(heights[1]).toBeLessThan(heights[0] ?? 0);
  });

  it("leaves the lines out when there is no growth to show", () => {
    expect(toSvg(benchFixture({ growth: [] }))).not.toContain("<polyline");
  });

  it("changes its ink in the dark", () => {
    expect(svg).toContain("prefers-color-scheme: dark");
  });
});

describe("axis steps", () => {
  it.each([
    [1000, 5, 200],
    [1001, 5, 500],
    [37, 5, 10],
    [0.9, 5, 0.2],
    [0, 5, 1],
  ])("up to %d in %d steps: %d", (largest, count, step) => {
    expect(axisStep(largest, count)).toBeCloseTo(step, 10);
  });
});

describe("spreads", () => {
  it("interpolate between neighbours", () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, p5: 1.2, p95: 4.8, min: 1, max: 5, runs: 5 });
  });

  it("of one value are that value", () => {
    expect(spreadOf([7])).toEqual({ median: 7, p5: 7, p95: 7, min: 7, max: 7, runs: 1 });
  });
});
