import { createHash } from "node:crypto";
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DetectRequestInput, settingsSchema } from "../../../app/contract/index.ts";
import { askedHash } from "../../../app/host/batch/asked.ts";
import { Journal } from "../../../app/host/batch/journal.ts";
import { sampleRun } from "../../server/sample-run.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const asked = hash("asked");
const at = "2026-12-01T00:00:00.000Z";
const done = (image: string) => ({ outcome: "done", image: hash(image), asked, at, run: sampleRun() }) as const;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-journal-"));
  file = path.join(folder, "deep/job.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const with3 = () =>
  Journal.use(file, async (journal) => {
    for (const image of ["a", "b", "c"]) await journal.append(done(image));
  });
const doneNow = () =>
  Journal.use(file, async (journal) => ["a", "b", "c", "d"].filter((image) => journal.isDone(hash(image), asked)));

describe("a journal", () => {
  it("keeps what is done for the next process, run by run", async () => {
    await with3();
    const run = await Journal.use(file, (journal) => journal.run(hash("b"), asked));
    expect(run).toEqual(sampleRun());
    expect(await doneNow()).toEqual(["a", "b", "c"]);
  });

  it("knows an image only with what was asked about it", async () => {
    await with3();
    await Journal.use(file, async (journal) => {
      expect(journal.isDone(hash("a"), hash("something else"))).toBe(false);
      expect(await journal.run(hash("a"), hash("something else"))).toBeUndefined();
    });
  });

  it("takes a failed image for one to be done, and one that was done before for done", async () => {
    const error = { code: "IMAGE_UNREADABLE", message: "It is broken." } as const;
    await Journal.use(file, async (journal) => {
      await journal.append(done("a"));
      for (const image of ["a", "b"]) {
        await journal.append({ outcome: "failed", image: hash(image), asked, at, name: image, error });
      }
    });
    expect(await doneNow()).toEqual(["a"]);
  });

  it("is whole after a kill at any byte of its last line, and can be written on", async () => {
    await with3();
    const whole = await readFile(file);
    const lastBegin = whole.lastIndexOf("\n", whole.length - 2) + 1;
    const step = Math.max(1, Math.floor((whole.length - lastBegin) / 12));
    for (let bytes = lastBegin; bytes < whole.length; bytes += step) {
      await writeFile(file, whole);
      await truncate(file, bytes);
      expect(await doneNow()).toEqual(["a", "b"]);
      await Journal.use(file, (journal) => journal.append(done("d")));
      expect(await doneNow()).toEqual(["a", "b", "d"]);
    }
  });

  it("begins anew where even its first line was torn", async () => {
    await with3();
    await truncate(file, 10);
    expect(await doneNow()).toEqual([]);
    await with3();
    expect(await doneNow()).toEqual(["a", "b", "c"]);
  });

  it("refuses a file that is none, and one with a broken line between others, and leaves it as it is", async () => {
    await with3();
    await appendFile(file, "nonsense\n{}\n");
    const before = await readFile(file, "utf8");
    await expect(doneNow()).rejects.toMatchObject({ code: "BAD_REQUEST", message: expect.stringContaining("Line 5") });
    expect(await readFile(file, "utf8")).toBe(before);
    const other = path.join(folder, "notes.txt");
    await writeFile(other, "Bread\nMilk\n");
    await expect(Journal.use(other, async () => {})).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("writes lines that come at once one after the other", async () => {
    await Journal.use(file, (journal) => Promise.all(["a", "b", "c"].map((image) => journal.append(done(image)))));
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { outcome?: string }).outcome)).toEqual([
      undefined,
      "done",
      "done",
      "done",
    ]);
  });
});

describe("what is asked", () => {
  const settings = settingsSchema.parse({});
  const base = askedHash({ mode: "detect" }, settings);

  it.each([
    ["the mode and target", { mode: "locate", target: "Save" }],
    ["the model", { modelId: "holo" }],
    ["a setting", { overrides: { maxImageTokens: 99 } }],
  ] as const)("is something else with %s", (_, request) => {
    expect(askedHash(request, settings)).not.toBe(base);
  });

  it.each<readonly [string, Omit<DetectRequestInput, "imageId">]>([
    ["other engines", { engines: ["studio", "local"] }],
    ["another backend", { backend: "cpu" }],
    ["what is the default anyway", { mode: "detect", overrides: {}, profile: settings.profile }],
  ])("is the same with %s", (_, request) => {
    expect(askedHash(request, settings)).toBe(base);
  });
});
