import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageLimits, type RunRecord, runFileSchema, runRecordSchema } from "../../../app/contract/index.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";
import { operatorTimesFixture } from "../../support/operator-times-fixture.ts";
import { imageFixture, makeRun, runFileOf } from "../../support/run-fixtures.ts";

let here: FakeHost;
let there: FakeHost;
beforeEach(async () => {
  here = await startFakeHost();
  there = await startFakeHost();
});
afterEach(async () => {
  await Promise.all([here.dispose(), there.dispose()]);
});

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const imageText = "640x480 default";
const take = (json: string) => there.host.call("runs.import", { json });
const exported = async (runId: string, withImage?: boolean): Promise<string> =>
  (await here.host.call("runs.export", { runId, ...(withImage === undefined ? {} : { withImage }) })).json;
const imagesThere = () => readdir(path.join(there.dataFolder, "images")).catch(() => []);
/** A run that names an image made of this text. */
const runOf = (text: string): { readonly run: RunRecord; readonly image: Buffer } => {
  const image = Buffer.from(text);
  return { run: { ...makeRun(), image: { ...imageFixture(), id: sha256(image), bytes: image.length } }, image };
};

describe("a run that travels", () => {
  it("arrives with its image, its name, tags and note", async () => {
    const run = await here.run("fine");
    await here.host.call("runs.annotate", { runId: run.id, name: "From the lab", tags: ["cuda"], note: "Cold start" });
    const summary = await take(await exported(run.id));
    expect(summary).toMatchObject({ id: run.id, name: "From the lab", tags: ["cuda"], note: "Cold start" });
    expect(await there.host.call("runs.get", { runId: run.id })).toEqual(run);
    expect(await there.host.call("images.get", { id: run.image.id })).toEqual(run.image);
    const { path: file } = await there.host.displayFile(run.image.id);
    expect(await readFile(file, "utf8")).toBe(imageText);
    expect(there.seen("runs.changed")).toEqual([{ added: [summary], changed: [], removed: [] }]);
  });

  it("is a plain record when nothing goes with it, and reads as one when something does", async () => {
    const run = await here.run("fine");
    expect(JSON.parse(await exported(run.id, false))).toEqual(run);
    const file: unknown = JSON.parse(await exported(run.id));
    expect(runRecordSchema.parse(file)).toEqual(run);
    const { attachments } = runFileSchema.parse(file);
    expect(Buffer.from(attachments?.imageBase64 ?? "", "base64").toString()).toBe(imageText);
  });

  it("comes in without its image, which is then said to be missing", async () => {
    const run = await here.run("fine");
    await take(await exported(run.id, false));
    expect((await there.host.call("runs.get", { runId: run.id })).image).toMatchObject({ width: 640, height: 480 });
    const get = there.host.call("images.get", { id: run.image.id });
    await expect(get).rejects.toMatchObject({
      code: "IMAGE_NOT_FOUND",
      message: "This image is not stored on this computer.",
      hint: expect.stringContaining("export the run together with its image"),
    });
    // It cannot travel on with an image that is not there.
    await expect(there.host.call("runs.export", { runId: run.id })).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
    const bare = await there.host.call("runs.export", { runId: run.id, withImage: false });
    expect(JSON.parse(bare.json)).toEqual(run);
    // The image may follow later.
    await take(await exported(run.id));
    expect(await there.host.call("images.get", { id: run.image.id })).toMatchObject({ width: 640 });
    expect(await there.host.call("runs.list", {})).toHaveLength(1);
  });

  it("brings its profile of operators along; runs without one read as before", async () => {
    const profiled: RunRecord = { ...makeRun(), opProfile: operatorTimesFixture() };
    await take(JSON.stringify(profiled));
    expect(await there.host.call("runs.get", { runId: profiled.id })).toEqual(profiled);
    const { json } = await there.host.call("runs.export", { runId: profiled.id, withImage: false });
    expect(JSON.parse(json)).toMatchObject({ opProfile: operatorTimesFixture() });
    expect(runRecordSchema.parse(makeRun())).not.toHaveProperty("opProfile");
    const broken = { ...profiled, opProfile: { ...operatorTimesFixture(), stages: [{ stage: "decode" }] } };
    await expect(take(JSON.stringify(broken))).rejects.toThrow(/opProfile.stages/);
  });

  it("must be there to be exported", async () => {
    await expect(exported("20200101-000000-00000000")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  it("does not rename an image, nor replace what was written beside a run, that is here already", async () => {
    const { run, image } = runOf("10x10 shared");
    const { id } = await there.host.call("images.add", { bytes: image, name: "mine.png" });
    await take(runFileOf(run, { annotations: { name: "First", tags: [] } }));
    await there.host.call("runs.annotate", { runId: run.id, name: "Mine" });
    const again = await take(runFileOf(run, { image, annotations: { name: "Theirs", tags: ["x"] } }));
    expect(again).toMatchObject({ name: "Mine", tags: [] });
    expect(await there.host.call("images.get", { id })).toMatchObject({ name: "mine.png" });
  });
});

describe("a run file that is wrong", () => {
  const untouched = async () => {
    expect(await imagesThere()).toEqual([]);
    expect(await there.host.call("runs.list", {})).toEqual([]);
  };

  it("is refused when the image is not the run's", async () => {
    const { run } = runOf("10x10 right");
    await expect(take(runFileOf(run, { image: Buffer.from("10x10 wrong") }))).rejects.toMatchObject({
      code: "RUN_FILE_INVALID",
      message: expect.stringContaining("SHA-256"),
    });
    await untouched();
  });

  it("is refused whole when the image is none", async () => {
    const { run, image } = runOf("refuse");
    await expect(take(runFileOf(run, { image }))).rejects.toMatchObject({ code: "IMAGE_FORMAT" });
    await untouched();
  });

  it("is refused when its image would be too large, in bytes or in pixels", async () => {
    const run = makeRun();
    const bytes = "A".repeat(Math.ceil(imageLimits.maxBytes / 3) * 4 + 4);
    const large = JSON.stringify({ ...run, attachments: { imageBase64: bytes } });
    await expect(take(large)).rejects.toMatchObject({ code: "RUN_FILE_INVALID" });
    const wide = { ...run, image: { ...run.image, width: imageLimits.maxPixels, height: 2 } };
    await expect(take(JSON.stringify(wide))).rejects.toThrow(/megapixels/);
    await untouched();
  });

  it("is refused when a text in it is endless, and so is a setting", async () => {
    const { run } = runOf("640x480 long");
    const endless = "x".repeat(100_000);
    for (const changed of [
      { ...run, machine: { ...run.machine, name: endless } },
      { ...run, warnings: [{ code: "ANSWER_TRUNCATED", message: endless }] },
      { ...run, image: { ...run.image, name: endless } },
    ]) {
      await expect(take(JSON.stringify(changed))).rejects.toMatchObject({ code: "RUN_FILE_INVALID" });
    }
    await expect(there.host.call("settings.update", { modelId: endless })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });

  it("is refused when the annotations are none", async () => {
    const wrong = JSON.stringify({ ...makeRun(), attachments: { annotations: { tags: "x" } } });
    await expect(take(wrong)).rejects.toThrow(/attachments.annotations.tags/);
    await untouched();
  });
});
