import { readFileSync } from "node:fs";
import path from "node:path";
import { XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { localStageNames, stageNames } from "../../app/contract/index.ts";
import { cocoDocument } from "../../app/presentation/coco.ts";
import { csvField } from "../../app/presentation/csv.ts";
import { placeTruth } from "../../app/truth/place.ts";
import { readTruth } from "../../app/truth/read-truth.ts";
import { annotatedSvg } from "../../renderer/logic/export/annotated-svg.ts";
import { elementsCsv, runsCsv } from "../../renderer/logic/export/csv.ts";
import { markdownText, xmlText } from "../../renderer/logic/export/escape.ts";
import { exportFileName } from "../../renderer/logic/export/formats.ts";
import { benchmarkJsonl } from "../../renderer/logic/export/jsonl.ts";
import { makeReport } from "../../renderer/logic/export/report.ts";
import { reportHtml } from "../../renderer/logic/export/report-html.ts";
import { reportMarkdown } from "../../renderer/logic/export/report-markdown.ts";
import { niceEnd, stageChartSvg } from "../../renderer/logic/export/stage-chart-svg.ts";
import { repositoryRoot } from "../support/repository.ts";
import { imageFixture, makeRun } from "../support/run-fixtures.ts";

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

  it("has places in image px and, by the image's scale, in CSS px", () => {
    const scaled = { ...imageFixture("a.png"), scale: { value: 2, from: "name" } } as const;
    const run = makeRun({ image: scaled, boxes: [{ bbox: [10, 20, 111, 60] }] });
    const [header = [], row = []] = parseCsv(elementsCsv([run]));
    const cells = (...names: string[]) => names.map((name) => row[header.indexOf(name)]);
    expect(cells("x1_px", "y1_px", "x2_px", "y2_px")).toEqual(["10", "20", "111", "60"]);
    expect(cells("scale", "x1_css_px", "y1_css_px", "x2_css_px", "y2_css_px")).toEqual(["2", "5", "10", "55.5", "30"]);
    expect(cells("click_x_css_px", "click_y_css_px")).toEqual(["30.25", "20"]);
  });

  it("lets no text become a formula, and leaves negative numbers numbers", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]) expect(csvField(text).replace(/^"/, "")).toMatch(/^'/);
    for (const text of ["\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\r=1", "\n", " =1", "\u200b=1", '"=1']) {
      expect(csvField(text).replace(/^"/, ""), JSON.stringify(text)).toMatch(/^'/);
    }
    expect(csvField(-3.5)).toBe("-3.5");
    expect(csvField("a-b = c@d")).toBe("a-b = c@d");
    expect(csvField(Number.NaN)).toBe("");
  });

  it("leaves no formula where a reader of any locale would split a cell", () => {
    const texts = ["a;=1", "a; =1", "x;\uff1d1", "a\t@x", "a\n-1", 'a;"+1', "a;b;=1|=2", "a\r\n=1"];
    for (const text of texts) {
      const line = `1,${csvField(text)},2`;
      for (const separator of [",", ";", "\t", "|", "\n"]) {
        // A reader that knows no quotes here, as where the line begins without one.
        for (const cell of line.split(separator)) {
          expect(cell.replace(/^[\s"]+/, ""), JSON.stringify(text)).not.toMatch(/^[=+\-@\uff1d\uff0b\uff0d\uff20]/);
        }
      }
    }
    expect(csvField("a; b, c")).toBe('"a; b, c"');
  });

  it("stays quick with texts that are made to be slow", () => {
    expect(csvField(`${" ".repeat(200_000)}x`)).toHaveLength(200_001);
    expect(csvField(`;${'"'.repeat(100_000)}x`).length).toBeGreaterThan(100_000);
    expect(csvField("\t".repeat(50_000)).length).toBeGreaterThan(50_000);
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
    expect(coco.annotations[0]).toMatchObject({ bbox: [10, 20, 100, 40], score: 0.75, iscrowd: 0 });
    expect(coco.annotations).toHaveLength(3);
  });

  it("gives a label the same category in every file, of the fixed table and beyond", () => {
    const idsOf = (...labels: string[]) => {
      const boxes = labels.map((label) => ({ bbox: [1, 1, 9, 9] as const, label }));
      const document = cocoDocument(
        [makeRun({ image, boxes: boxes.map((box) => ({ ...box, bbox: [...box.bbox] })) })],
        now,
      );
      return document.annotations.map(({ category_id: id }) => id);
    };
    // Numbers that files out in the world already have.
    expect(idsOf("button", "icon", "text", "link")).toEqual([1, 10, 15, 2]);
    const [basket] = idsOf("Shopping basket");
    expect(basket).toBe(196_847_236);
    expect(idsOf("zebra", "apple", "shopping-basket", "button").slice(2)).toEqual([basket, 1]);
    const named = new Map(coco.categories.map(({ id, name }) => [id, name]));
    expect([named.get(1), named.get(2), named.get(15)]).toEqual(["button", "link", "text"]);
  });

  it("has what pycocotools wants: whole ids, areas, flags, and names that tell the images apart", () => {
    const same = ["1", "2", "3"].map((digit) => ({ ...imageFixture("Shot.png"), id: digit.repeat(64) }));
    const document = cocoDocument(
      same.map((each, index) => makeRun({ image: { ...each, name: index === 1 ? "shot.PNG" : "Shot.png" } })),
      now,
    );
    const names = document.images.map(({ file_name: name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(3);
    expect(names[0]).toBe("shot.png");
    for (const { id, image_id: of, category_id: category, area, iscrowd, bbox, segmentation } of document.annotations) {
      for (const whole of [id, of, category])
        expect(Number.isInteger(whole) && whole > 0 && whole < 2 ** 31).toBe(true);
      expect([iscrowd, segmentation]).toEqual([0, []]);
      expect(bbox.every(Number.isFinite) && area >= 0).toBe(true);
    }
  });
});

describe("what is exported opens again", () => {
  const image = { ...imageFixture("shot.png"), name: "shot.png" };
  const run = makeRun({
    image,
    boxes: [
      { bbox: [10, 20, 110, 60], label: "button", text: "=Save; -now" },
      { bbox: [400.25, 300.5, 460, 331], label: "menu item", text: hostile },
    ],
  });
  const boxes = run.detections.map(({ bbox }) => bbox);

  it.each([
    ["COCO", JSON.stringify(cocoDocument([run], now)), ["button", "menu_item"]],
    ["a run file", JSON.stringify(run), ["button", "menu item"]],
  ])("%s as ground truth of its image, under any name", async (_what, text, labels) => {
    const document = await readTruth({ name: "export.json", text });
    const { placed } = placeTruth(document, [{ ...image, name: "renamed.png" }], undefined);
    expect(placed.map(({ imageId }) => imageId)).toEqual([image.id]);
    expect(placed[0]?.truth.elements.map(({ bbox }) => bbox)).toEqual(boxes);
    expect(placed[0]?.truth.elements.map(({ label }) => label)).toEqual(labels);
    expect(placed[0]?.truth.elements[1]?.text).toBe(hostile);
  });

  it("COCO of several images, as a list for each by its own name", async () => {
    const other = { ...imageFixture("other.png"), id: "e".repeat(64) };
    const text = JSON.stringify(cocoDocument([run, makeRun({ image: { ...other, name: "shot.png" } })], now));
    const document = await readTruth({ name: "export.json", text });
    expect(new Set(document.images.map(({ names: [name] }) => name)).size).toBe(2);
    const { placed } = placeTruth(document, [image, { ...other, name: "shot.png" }], undefined);
    expect(placed.map(({ imageId }) => imageId)).toEqual([image.id, other.id]);
  });

  it("CSV in a reader that hides the apostrophe, numbers as numbers", () => {
    const [header = [], ...rows] = parseCsv(elementsCsv([run]));
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)] ?? "");
    expect(column("text").map((text) => text.replaceAll(/^'|(?<=; )'/g, ""))).toEqual(["=Save; -now", hostile]);
    const sides = ["x1_px", "y1_px", "x2_px", "y2_px"].map(column);
    expect(boxes.map((_, row) => sides.map((side) => Number(side[row])))).toEqual(boxes);
  });

  it("SVG in a strict reader of XML", () => {
    expect(XMLValidator.validate(annotatedSvg(run, undefined))).toBe(true);
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

  it("draws each box twice and each tag once, in px of the source", () => {
    const svg = annotatedSvg(run, undefined);
    expect(svg.match(/<rect x="40" y="40" width="160" height="50"/g)).toHaveLength(2);
    expect(svg.match(/>2 icon<\/text>/g)).toHaveLength(1);
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
    expect(elementsOfXml(svg).filter((name) => name === "rect")).toHaveLength(21 + localStageNames.length);
    const widths = [...svg.matchAll(/data-ms="([\d.]+)"[^>]* width="([\d.]+)"/g)].map(
      ([, ms, width]) => Number(width) / Number(ms),
    );
    expect(Math.max(...widths) / Math.min(...widths)).toBeLessThan(1.05);
    expect([niceEnd(685), niceEnd(1000), niceEnd(1001), niceEnd(3)]).toEqual([800, 1000, 1500, 3]);
  });

  it("has the stage colours of the window", () => {
    const tokens = readFileSync(path.join(repositoryRoot, "renderer/styles/tokens.css"), "utf8");
    const html = reportHtml(report);
    for (const name of stageNames) {
      const token = new RegExp(`--stage-${name}: light-dark\\(#[0-9a-f]{6}, #[0-9a-f]{6}\\);`).exec(tokens)?.[0];
      expect(token, name).toBeDefined();
      expect(html).toContain(token);
      expect(html).toContain(`.stage-${name} { fill: var(--stage-${name}); }`);
    }
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
    expect(exportFileName("con.png", 1, "svg")).toBe("holoscope-con.svg");
    const long = exportFileName("\u754c".repeat(300), 1000, "elements.csv");
    expect(Buffer.byteLength(long)).toBeLessThan(200);
    expect(long).toMatch(/^\u754c+-and-999-more\.elements\.csv$/);
  });
});
