import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type AnsweredRun,
  type DetectRequestInput,
  type Evaluation,
  evaluationSchema,
} from "../../../app/contract/index.ts";
import { sampleDetection, sampleRun } from "../../server/sample-run.ts";
import { drawn, writeOsworldG, writeOwn, writeScreenSpot, writeScreenSpotPro } from "../../support/evaluation-sets.ts";
import { eventually } from "../../support/patience.ts";
import { RecordingEnvironment } from "../recording-environment.ts";

let folder: string;
let out: string;
let environment: RecordingEnvironment;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-eval-"));
  out = path.join(folder, "out");
  environment = new RecordingEnvironment();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(environment.host.folder, { recursive: true, force: true });
});

/** The fake host says that every image has 1920 x 1080 px. */
const clickIn = ([x, y, width, height]: readonly [number, number, number, number]): Partial<AnsweredRun> => ({
  detections: [{ ...sampleDetection(1), bbox: [x, y, x + width, y + height], point: [x + 1, y + 1] }],
});

/** Finds buttons, and never checkboxes. */
const findsButtons = ({ target }: DetectRequestInput): AnsweredRun =>
  sampleRun(target === "the button" ? clickIn(drawn.button) : { detections: [] });

const evaluate = (...options: string[]) => environment.run("eval", path.join(folder, "set"), "--out", out, ...options);
const report = (): Evaluation =>
  evaluationSchema.parse(JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")));
const journal = (): string[] => readFileSync(path.join(out, "journal.jsonl"), "utf8").split("\n").slice(0, -1);
const set = () => path.join(folder, "set");

describe("holoscope eval", () => {
  it("asks every instruction, and reports by platform and kind with intervals", async () => {
    await writeScreenSpot(set(), "v2", 2);
    environment.host.nextRun = findsButtons;
    const { code, out: printed } = await evaluate();
    expect(code).toBe(0);
    expect(printed).toMatch(/mobile text\s+2\s+2\s+100\.0\s+34\.2 to 100\.0/);
    expect(printed).toMatch(/web icon\s+0\s+2\s+0\.0/);
    expect(environment.host.requests).toHaveLength(12);
    expect(environment.host.requests.every(({ mode }) => mode === "locate")).toBe(true);
    expect(environment.host.kept.every((keep) => keep === false)).toBe(true);
    expect(environment.host.givenBack).toHaveLength(6);

    const { datasets, answers, items } = report();
    expect(datasets).toMatchObject([{ dataset: "screenspot-v2", whole: false, published: [], columnMean: 0.5 }]);
    expect(answers).toEqual({ points: 6, boxes: 0, nothing: 6, errors: 0 });
    expect(items).toHaveLength(12);
    const runs = readdirSync(path.join(out, "runs"));
    expect(runs.sort()).toEqual(items.map(({ runId }) => `${runId}.run.json`).sort());
    const csv = readFileSync(path.join(out, "items.csv"), "utf8").trim().split("\r\n");
    expect(csv).toHaveLength(13);
    expect(csv[0]).toContain("run_id");
    expect(readFileSync(path.join(out, "report.md"), "utf8")).toMatch(/\| \*\*this model\*\* \| 100\.0 \| 0\.0 \|/);
  });

  it("scores the centre of a box, and says so", async () => {
    await writeScreenSpot(set(), "v1");
    const [x, y, width, height] = drawn.button;
    const bbox: [number, number, number, number] = [x, y, x + width, y + height];
    environment.host.nextRun = () => sampleRun({ detections: [{ ...sampleDetection(1), bbox }] });
    const { out: printed } = await evaluate("--format", "json");
    expect(printed).toContain("6 boxes, of which the centre is scored");
    expect(report().answers).toMatchObject({ boxes: 6, points: 0 });
    expect(existsSync(path.join(out, "report.md"))).toBe(false);
    expect(
      report()
        .items.filter(({ correct }) => correct)
        .map(({ groups }) => groups[0]),
    ).toEqual(["desktop text", "mobile text", "web text"]);
  });

  it("refuses to score an annotation of a picture of another shape, and tells of it", async () => {
    await writeScreenSpotPro(set());
    environment.host.nextRun = findsButtons;
    await evaluate();
    expect(report().datasets[0]?.columns.at(-1)).toMatchObject({ correct: 0, items: 4, errors: 4 });
    expect(report().items[0]?.error?.message).toContain("another shape");
  });

  it("asks the same of the same image once, in both splits of OSWorld-G", async () => {
    await writeOsworldG(set());
    environment.host.nextRun = findsButtons;
    await evaluate();
    expect(environment.host.requests).toHaveLength(3);
    expect(report().datasets.map(({ split, columns }) => [split, columns.at(-1)?.items])).toEqual([
      ["original instructions", 3],
      ["refined instructions", 3],
    ]);
  });

  it("detects every element of own truth, and locates those with a text", async () => {
    await writeOwn(set());
    await evaluate();
    expect(environment.host.requests.map(({ mode, target }) => [mode, target])).toEqual([
      ["detect", undefined],
      ["locate", "the button"],
    ]);
    expect(report().datasets[0]?.detection).toHaveLength(1);
  });

  it("counts an item with an error as wrong, goes on, and asks it again only when told to", async () => {
    await writeScreenSpot(set(), "v1");
    const error = { code: "ENGINE_CRASHED", message: "The engine has died." } as const;
    environment.host.nextRun = (request) =>
      request.target === "the button" ? findsButtons(request) : sampleRun({ status: "failed", error });
    const { code, out: printed } = await evaluate();
    expect(code).toBe(0);
    expect(printed).toContain("3 items ended with an error and count as wrong");
    expect(report().datasets[0]?.columns.at(-1)).toMatchObject({ correct: 3, items: 6, errors: 3 });
    expect(readFileSync(path.join(out, "items.csv"), "utf8")).toContain("ENGINE_CRASHED");

    environment.host.nextRun = findsButtons;
    await evaluate();
    expect(environment.host.requests).toHaveLength(6);
    await evaluate("--retry-errors");
    expect(environment.host.requests).toHaveLength(9);
    expect(report().answers.errors).toBe(0);
  });

  it("ends at once, with nothing noted, where every item would meet the error", async () => {
    await writeScreenSpot(set(), "v1");
    const error = { code: "MODEL_LOAD_FAILED", message: "The model cannot be loaded." } as const;
    environment.host.nextRun = () => sampleRun({ status: "failed", error });
    const { code, err } = await evaluate();
    expect(code).toBe(1);
    expect(err).toContain("The model cannot be loaded.");
    expect(environment.host.requests).toHaveLength(1);
    expect(journal()).toEqual([]);
  });

  it("notes an image that cannot be opened for each of its items", async () => {
    await writeScreenSpot(set(), "v1");
    writeFileSync(path.join(set(), "screenspot_imgs/web_0.png"), "");
    environment.host.nextRun = findsButtons;
    await evaluate();
    expect(report().items.flatMap(({ error }) => error?.code ?? [])).toEqual(["IMAGE_EMPTY", "IMAGE_EMPTY"]);
  });
});

/** What of a report must be the same however often it was interrupted. */
const essence = ({ items, datasets, answers }: Evaluation) => ({
  datasets,
  answers,
  items: items.map(({ runId: _, ms: __, reused: ___, ...item }) => item),
});

describe("an evaluation that was interrupted", () => {
  it("by Ctrl-C goes on with the same command and ends the same", async () => {
    await writeScreenSpot(set(), "v1", 2);
    environment.host.nextRun = findsButtons;
    await evaluate();
    const whole = essence(report());
    rmSync(out, { recursive: true });

    environment.host.requests.length = 0;
    environment.host.nextRun = (request) => {
      if (environment.host.requests.length === 4) environment.host.nextRun = "hang";
      return findsButtons(request);
    };
    const first = evaluate();
    await eventually(() => expect(environment.host.requests).toHaveLength(5));
    environment.interrupt();
    const ended = await first;
    expect(ended.code).toBe(130);
    expect(ended.err).toContain("4 of 12 items are answered; the same command goes on.");
    expect(existsSync(path.join(out, "report.json"))).toBe(false);
    expect(journal()).toHaveLength(4);

    environment.host.nextRun = findsButtons;
    expect((await evaluate()).code).toBe(0);
    expect(environment.host.requests).toHaveLength(5 + 8);
    expect(essence(report())).toEqual(whole);
  });

  it("in the middle of a line asks that item again", async () => {
    await writeScreenSpot(set(), "v1");
    environment.host.nextRun = findsButtons;
    await evaluate();
    const whole = essence(report());
    const file = path.join(out, "journal.jsonl");
    const lines = journal();
    writeFileSync(file, `${lines.slice(0, 2).join("\n")}\n${lines[2]?.slice(0, 50)}`);
    environment.host.requests.length = 0;
    const { err } = await evaluate();
    expect(err).toContain("the journal's last line was cut off");
    expect(environment.host.requests).toHaveLength(4);
    expect(essence(report())).toEqual(whole);
  });

  it("with other settings asks anew, and knows the answers with the first ones", async () => {
    await writeScreenSpot(set(), "v1");
    environment.host.nextRun = findsButtons;
    await evaluate();
    await evaluate("--set", "maxImageTokens=400");
    expect(environment.host.requests).toHaveLength(12);
    await evaluate("--refine", "1");
    expect(environment.host.requests).toHaveLength(18);
    await evaluate();
    expect(environment.host.requests).toHaveLength(18);
  });

  it("refuses a journal with a line that is none", async () => {
    await writeScreenSpot(set(), "v1");
    await evaluate();
    appendFileSync(path.join(out, "journal.jsonl"), '{"version": 2}\n');
    const { code, err } = await evaluate();
    expect(code).toBe(2);
    expect(err).toMatch(/Line 7 of the journal journal\.jsonl cannot be used/);
  });
});

describe("a sample", () => {
  it("is the same each time, told in the report, and part of a larger one", async () => {
    await writeScreenSpot(set(), "v1", 3);
    environment.host.nextRun = findsButtons;
    await evaluate("--limit", "5", "--seed", "7");
    const small = report();
    expect(small.sample).toEqual({ limit: 5, seed: 7 });
    expect(small.items).toHaveLength(5);
    expect(small.datasets[0]?.notes[0]).toBe("A sample: 5 of 18 items, drawn with the seed 7.");
    await evaluate("--limit", "9", "--seed", "7");
    expect(environment.host.requests).toHaveLength(9);
    const place = ({ file, index }: Evaluation["items"][number]) => `${file} ${index}`;
    expect(report().items.map(place)).toEqual(expect.arrayContaining(small.items.map(place)));
    await evaluate("--limit", "5", "--seed", "8");
    expect(report().items.map(place)).not.toEqual(small.items.map(place));
  });
});

describe("a folder", () => {
  it("whose images are missing is refused before anything is asked", async () => {
    await writeScreenSpot(set(), "v1");
    rmSync(path.join(set(), "screenspot_imgs/web_0.png"));
    const { err } = await evaluate();
    expect(err).toContain("1 image of 6 items cannot be found below the folder; the first is web_0.png");
    expect(environment.host.requests).toEqual([]);
  });

  it("with a broken entry is refused with the file and the entry", async () => {
    await writeScreenSpot(set(), "v1");
    const file = path.join(set(), "screenspot_web.json");
    const [first, second]: unknown[] = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify([first, { ...(second as object), bbox: [1, 2, 3] }]));
    const { code, err } = await evaluate();
    expect(code).toBe(2);
    expect(err).toMatch(/screenspot_web\.json looks like ScreenSpot, but entry 1 .*"bbox/);
  });

  it("may name no file outside of it", async () => {
    await writeScreenSpot(set(), "v1");
    writeFileSync(path.join(folder, "secret.png"), "not yours");
    const file = path.join(set(), "screenspot_web.json");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("web_0.png", "../secret.png"));
    expect((await evaluate()).err).toContain("the first is ../secret.png");
  });

  it.each([
    [["--limit", "0"], /--limit takes a whole number from 1/],
    [["--seed", "1"], /--seed goes with --limit/],
    [["--format", "pdf"], /--format does not know "pdf"/],
    [["--refine", "9"], /--refine does not take "9"/],
  ])("%j is a wrong command line", async (options, message) => {
    await writeScreenSpot(set(), "v1");
    const { code, err } = await evaluate(...options);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it("without annotations, or that is none, says what is read", async () => {
    const { code, err } = await environment.run("eval", path.join(folder, "none"), "--out", out);
    expect(code).toBe(2);
    expect(err).toContain("is no folder that can be read");
    const other = await environment.run("eval", folder, "--out", out);
    expect(other.err).toMatch(/no annotations that can be evaluated[\s\S]*ScreenSpot-Pro and OSWorld-G/);
  });
});
