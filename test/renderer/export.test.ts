import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { stageNames } from "../../app/contract/index.ts";
import { annotatedSvg } from "../../renderer/model/export/annotated-svg.ts";
import { layOutBoxes } from "../../renderer/model/export/box-drawing.ts";
import { cocoDocument } from "../../renderer/model/export/coco.ts";
import { csvField, elementsCsv, runsCsv } from "../../renderer/model/export/csv.ts";
import { markdownText, xmlText } from "../../renderer/model/export/escape.ts";
import { exportFileName } from "../../renderer/model/export/formats.ts";
import { benchmarkJsonl } from "../../renderer/model/export/jsonl.ts";
import { paintBoxes } from "../../renderer/model/export/paint-boxes.ts";
import { makeReport } from "../../renderer/model/export/report.ts";
import { reportHtml } from "../../renderer/model/export/report-html.ts";
import { reportMarkdown } from "../../renderer/model/export/report-markdown.ts";
import { niceEnd, stageChartSvg } from "../../renderer/model/export/stage-chart-svg.ts";
import { stageColors } from "../../renderer/model/export/stage-colors.ts";
import { repositoryRoot } from "../support/repository.ts";
import { gridOfBoxes, imageFixture, makeRun } from "../support/run-fixtures.ts";

const hostile = "<img src=x onerror=alert(1)>\"&'";
const now = "2026-04-01T10:00:00.000Z";
const options = { title: "Report", now };

/** A CSV reader as RFC 4180 describes it, written apart from the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index];
    if (quoted) {
      if (letter === '"' && text[index + 1] === '"') {
        field += '"';
        index += 1;
      } else if (letter === '"') quoted = false;
      else field += letter;
    } else if (letter === '"') quoted = true;
    else if (letter === ",") {
      row.push(field);
      field = "";
    } else if (letter === "\r" && text[index + 1] === "\n") {
      rows.push([...row, field]);
      row = [];
      field = "";
      index += 1;
    } else field += letter;
  }
  expect(field, "the last row is ended").toBe("");
  return rows;
}

/** Checks that tags nest and close, and gives the names of all elements. */
function elementsOfXml(text: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  for (const match of text.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|</g)) {
    const [whole, closing, name, , empty] = match;
    if (name === undefined)
      throw new Error(`stray "<" at ${match.index}: ${text.slice(match.index, match.index + 40)}`);
    if (closing === "/") expect(open.pop(), whole).toBe(name);
    else {
      names.push(name);
      if (empty !== "/") open.push(name);
    }
  }
  expect(open).toEqual([]);
  return names;
}

describe("CSV", () => {
  it("reads back as it was, with commas, quotes and line ends", () => {
    const run = makeRun({ boxes: [{ bbox: [1, 2, 31, 42], text: 'Save, "now"\r\nplease', label: "button" }] });
    const [header = [], row = []] = parseCsv(elementsCsv([run]));
    const cell = (name: string) => row[header.indexOf(name)];
    expect(cell("text")).toBe('Save, "now"\r\nplease');
    expect([cell("x1_px"), cell("width_px"), cell("height_px")]).toEqual(["1", "30", "40"]);
    expect(row).toHaveLength(header.length);
  });

  it("lets no text become a formula, and leaves negative numbers numbers", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]) expect(csvField(text).replace(/^"/, "")).toMatch(/^'/);
    expect(csvField(-3.5)).toBe("-3.5");
    expect(csvField(Number.NaN)).toBe("");
  });

  it("gives reused stages no time", () => {
    const run = makeRun({ reused: ["encode"] });
    const [header = [], row = []] = parseCsv(runsCsv([run]));
    expect(row[header.indexOf("encode_ms")]).toBe("");
    expect(row[header.indexOf("reused_stages")]).toBe("encode");
    expect(Number(row[header.indexOf("total_ms")])).toBe(run.totalMs);
  });

  it("lists what lay below the threshold, marked", () => {
    const run = makeRun({ boxes: [{ bbox: [0, 0, 9, 9] }, { bbox: [9, 9, 19, 19], confidence: 0.01 }] });
    const [header = [], ...rows] = parseCsv(elementsCsv([run]));
    expect(rows.map((row) => row[header.indexOf("below_threshold")])).toEqual(["false", "true"]);
  });
});

describe("COCO", () => {
  const image = imageFixture("a.png");
  const runs = [
    makeRun({ image, createdAt: "2026-03-01T09:00:00.000Z", boxes: [{ bbox: [0, 0, 5, 5], label: "old" }] }),
    makeRun({
      image,
      createdAt: "2026-03-02T09:00:00.000Z",
      boxes: [
        { bbox: [10, 20, 110, 60], label: "button", confidence: 0.75 },
        { bbox: [10.5, 20, 20, 30], label: "icon" },
      ],
    }),
    makeRun({ image: imageFixture("b.png"), boxes: [{ bbox: [1, 1, 2, 2], label: "icon" }] }),
    makeRun({ image: imageFixture("c.png"), status: "failed" }),
  ];
  const coco = cocoDocument(runs, now);

  it("holds together: ids are unique and every reference leads somewhere", () => {
    for (const list of [coco.images, coco.categories, coco.annotations]) {
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    }
    const images = new Set(coco.images.map(({ id }) => id));
    const categories = new Set(coco.categories.map(({ id }) => id));
    for (const annotation of coco.annotations) {
      expect(images.has(annotation.image_id) && categories.has(annotation.category_id)).toBe(true);
      expect(annotation.area).toBeCloseTo(annotation.bbox[2] * annotation.bbox[3], 2);
    }
  });

  it("takes the newest done run of each image, boxes as x, y, width, height", () => {
    expect(coco.images.map(({ file_name }) => file_name)).toEqual(["a.png", "b.png"]);
    expect(coco.categories.map(({ name }) => name)).toEqual(["button", "icon"]);
    expect(coco.annotations[0]).toMatchObject({ bbox: [10, 20, 100, 40], score: 0.75, iscrowd: 0 });
    expect(coco.annotations).toHaveLength(3);
  });
});

describe("JSON lines", () => {
  it("has a line for each done run, times in ns, and null for what was not measured", () => {
    const runs = [makeRun({ reused: ["encode"], backend: "cuda" }), makeRun({ status: "failed" })];
    const lines = benchmarkJsonl(runs).trimEnd().split("\n");
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? "");
    expect(line).toMatchObject({ backends: "CUDA", n_prompt: 932, n_gen: 54, n_threads: 8, flash_attn: -1 });
    expect(line.encode_ns).toBeNull();
    expect(line.prefill_ns).toBe(60e6);
    expect(line.gen_ts).toBeCloseTo(540, 6);
    expect(line.gpu_info).toBe("Test cuda0");
    expect(line.test_time).toBe(runs[0]?.createdAt);
  });
});

describe("annotated pictures", () => {
  const run = makeRun({
    boxes: [
      { bbox: [40, 40, 200, 90], label: hostile },
      { bbox: [40, 60, 200, 110], label: "icon", point: [120, 85] },
    ],
  });

  it("draws well-formed SVG at full size with the image in it and nothing to fetch", () => {
    const svg = annotatedSvg(run, "data:image/png;base64,AAAA");
    const names = elementsOfXml(svg);
    expect(names.filter((name) => name === "image")).toHaveLength(1);
    expect(names).not.toContain("img");
    expect(svg).toContain('width="1280" height="800" viewBox="0 0 1280 800"');
    expect([...svg.matchAll(/href="([^"]*)"/g)].map((match) => match[1]?.slice(0, 5))).toEqual(["data:"]);
    expect(svg).toContain('<rect x="40" y="40" width="160" height="50"');
  });

  it("keeps tags inside the image and apart from each other", () => {
    const size = { width: 1280, height: 800 };
    const dense = makeRun({ boxes: gridOfBoxes(60, size) });
    const { boxes, tagHeight } = layOutBoxes(dense.detections, size);
    let covered = 0;
    boxes.forEach(({ tag }, index) => {
      expect(tag.x).toBeGreaterThanOrEqual(0);
      expect(tag.x + tag.width).toBeLessThanOrEqual(size.width);
      expect(tag.y).toBeGreaterThanOrEqual(0);
      for (const other of boxes.slice(index + 1)) {
        const apart =
          tag.x + tag.width <= other.tag.x ||
          other.tag.x + other.tag.width <= tag.x ||
          tag.y + tagHeight <= other.tag.y ||
          other.tag.y + tagHeight <= tag.y;
        if (!apart) covered += 1;
      }
    });
    expect(covered).toBe(0);
  });

  it("writes larger on larger screenshots", () => {
    const at = (width: number) => layOutBoxes([], { width, height: 800 }).fontSize;
    expect(at(3840)).toBeGreaterThan(at(1280) * 1.5);
  });

  it("paints each box twice and each tag once, in px of the source", () => {
    const painted: string[] = [];
    const ignore = () => undefined;
    paintBoxes(
      {
        fillStyle: "",
        strokeStyle: "",
        lineWidth: 0,
        font: "",
        textBaseline: "alphabetic",
        fillRect: ignore,
        strokeRect: (...rect: number[]) => painted.push(rect.join(" ")),
        fillText: (text: string) => painted.push(text),
        measureText: (text: string) => ({ width: text.length * 7 }) as TextMetrics,
        beginPath: ignore,
        arc: ignore,
        fill: ignore,
        stroke: ignore,
      },
      run,
    );
    expect(painted.filter((each) => each === "40 40 160 50")).toHaveLength(2);
    expect(painted).toContain("2 icon");
  });
});

describe("reports", () => {
  const runs = [
    makeRun({ backend: "cuda", machine: hostile, boxes: [{ bbox: [1, 2, 3, 4], label: "b|c", text: hostile }] }),
    makeRun({ backend: "cpu", reused: ["encode"], createdAt: "2026-03-02T09:00:00.000Z" }),
    makeRun({ backend: "cpu", createdAt: "2026-03-03T09:00:00.000Z", stages: { encode: 900 } }),
    makeRun({ status: "failed" }),
    makeRun({ backend: "cpu", createdAt: "2026-03-04T09:00:00.000Z" }),
  ];
  const report = makeReport(runs, { ...options, names: new Map([[runs[1]?.id ?? "", "Baseline"]]) });

  it("names every run and says where its figures come from", () => {
    expect(report.tables[0]?.rows.map((row) => row.slice(0, 2))).toEqual([
      ["A", ""],
      ["B", "Baseline"],
      ["C", ""],
      ["D", ""],
      ["E", ""],
    ]);
    expect(report.provenance).toHaveLength(runs.length);
    for (const [index, run] of runs.entries()) {
      const text = JSON.stringify(report.provenance[index]);
      for (const fact of [run.id, run.machine.cpu, run.image.id]) expect(text).toContain(fact);
    }
  });

  it("gives the median and spread of repeated configurations only, apart where a stage was reused", () => {
    const spread = report.tables.find(({ title }) => title === "Spread over repeats");
    expect(spread?.rows).toHaveLength(1);
    expect(spread?.rows[0]?.slice(1, 3)).toEqual(["2", "793 ms"]);
  });

  it("shows a reused stage as such, never as a time", () => {
    const stages = report.tables.find(({ title }) => title === "Time by stage");
    expect(stages?.rows.find(([name]) => name === "Encode")?.[2]).toBe("reused");
  });

  it("writes HTML without scripts, with every text escaped", () => {
    const html = reportHtml(report);
    expect(html).not.toMatch(/<script|<img|\son\w+="|javascript:/i);
    expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/(src|href)="(?!data:)/);
    expect([...html.matchAll(/data-ms="/g)]).toHaveLength(7 + 6 + 1 + 7);
  });

  it("writes Markdown tables whose rows have as many cells as their head", () => {
    const markdown = reportMarkdown(report);
    const tables = markdown.split("\n\n").filter((block) => block.includes("\n| ---") || block.includes("| ---"));
    expect(tables.length).toBeGreaterThanOrEqual(4);
    for (const block of tables) {
      const lines = block.split("\n").filter((line) => line.startsWith("|"));
      const cells = lines.map((line) => line.replaceAll("\\|", "").split("|").length);
      expect(new Set(cells).size, block).toBe(1);
    }
    expect(markdown).not.toContain("<img");
  });

  it("draws the bars to one scale", () => {
    const svg = stageChartSvg(report);
    expect(elementsOfXml(svg).filter((name) => name === "rect")).toHaveLength(21 + stageNames.length);
    const widths = [...svg.matchAll(/data-ms="([\d.]+)"[^>]* width="([\d.]+)"/g)].map(
      ([, ms, width]) => Number(width) / Number(ms),
    );
    expect(Math.max(...widths) / Math.min(...widths)).toBeLessThan(1.05);
    expect([niceEnd(685), niceEnd(1000), niceEnd(1001), niceEnd(3)]).toEqual([800, 1000, 1500, 3]);
  });

  it("has the stage colours of the window", () => {
    const tokens = readFileSync(path.join(repositoryRoot, "renderer/styles/tokens.css"), "utf8");
    for (const name of stageNames)
      expect(tokens).toContain(`--stage-${name}: light-dark(${stageColors[name].join(", ")});`);
  });
});

describe("texts and names", () => {
  it("keeps XML valid whatever a model writes", () => {
    expect(xmlText("a\u0000b\ud800c<&")).toBe("a\ufffdb\ufffdc&lt;&amp;");
    expect(xmlText("\ud83d\ude00")).toBe("\ud83d\ude00");
    expect(markdownText("a|b\n<c> _d_")).toBe("a\\|b &lt;c&gt; \\_d\\_");
  });

  it("makes file names that every system takes", () => {
    expect(exportFileName("My: screen?.png", 1, "svg")).toBe("My- screen-.svg");
    expect(exportFileName("..", 3, "md")).toBe("holoscope-and-2-more.md");
    expect(exportFileName("a/b\\c.jpeg", 1, "coco.json")).toBe("a-b-c.coco.json");
  });
});
