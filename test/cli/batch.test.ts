import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type HoloscopeError, runRecordSchema } from "../../app/contract/index.ts";
import { sampleRun } from "../server/sample-run.ts";
import { until } from "../support/patience.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

let folder: string;
let environment: RecordingEnvironment;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-batch-"));
  for (const name of ["b", "a", "c"]) writeFileSync(path.join(folder, `${name}.png`), `image ${name}`);
  environment = new RecordingEnvironment();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(environment.host.folder, { recursive: true, force: true });
});

const at = (name: string): string => path.join(folder, name);
const run = (...more: readonly string[]) => environment.run("batch", folder, "--journal", at("job.jsonl"), ...more);
/** What the next process would be: it knows only what is on the disk. */
const again = () => {
  environment = new RecordingEnvironment();
};
const jsonLines = (file: string) =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => runRecordSchema.parse(JSON.parse(line)));
const namesOf = (file: string) => jsonLines(file).map(({ image }) => image.name);
const failing = (code: HoloscopeError["code"], at: number, retry?: object) => {
  let asked = 0;
  return () => {
    if (++asked !== at) return sampleRun();
    const error = { code, message: "It failed.", hint: "Do this.", ...(retry === undefined ? {} : { retry }) };
    return sampleRun({ status: "failed", error });
  };
};

describe("holoscope batch", () => {
  it("writes every result once, in the order of the inputs, and keeps nothing else", async () => {
    const { code, out, err } = await run("--json", at("out"), "--jsonl", at("runs.jsonl"), "--coco", at("coco.json"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^3 of 3 done, 0 left/);
    expect(readdirSync(at("out"))).toEqual(["a.run.json", "b.run.json", "c.run.json"]);
    expect(namesOf(at("runs.jsonl"))).toEqual(["a.png", "b.png", "c.png"]);
    const coco = z
      .object({ images: z.array(z.object({ file_name: z.string() })), annotations: z.array(z.unknown()) })
      .parse(JSON.parse(readFileSync(at("coco.json"), "utf8")));
    expect(coco.images.map(({ file_name }) => file_name)).toEqual(["a.png", "b.png", "c.png"]);
    expect(coco.annotations).toHaveLength(6);
    expect(environment.host.kept).toEqual([false, false, false]);
    expect(environment.host.givenBack).toHaveLength(3);
  });

  it("asks nothing again, and writes the results again where they are wanted", async () => {
    await run();
    again();
    const { code, out } = await run("--jsonl", at("runs.jsonl"));
    expect(code).toBe(0);
    expect(out).toMatch(/^3 of 3 done, 0 left\n$/);
    expect(environment.host.requests).toEqual([]);
    expect(namesOf(at("runs.jsonl"))).toEqual(["a.png", "b.png", "c.png"]);
  });

  it("asks again what is asked otherwise, and only what another shard leaves", async () => {
    await run("--shard", "0/2");
    expect(environment.host.requests).toHaveLength(2);
    again();
    await run("--shard", "1/2");
    expect(environment.host.requests).toHaveLength(1);
    again();
    await run("--set", "maxImageTokens=99");
    expect(environment.host.requests).toHaveLength(3);
  });

  it("goes on after an image that fails, says so, and tries it again the next time", async () => {
    environment.host.nextRun = failing("IMAGE_UNREADABLE", 2);
    const { code, out, err } = await run("--jsonl", at("runs.jsonl"));
    expect(code).toBe(1);
    expect(out).toMatch(/^2 of 3 done, 1 failed, 0 left/);
    expect(err).toMatch(/^error: .*\.png: It failed\.\nhint: Do this\.\n$/);
    expect(namesOf(at("runs.jsonl"))).toHaveLength(2);
    again();
    expect(await run("--jsonl", at("runs.jsonl"))).toMatchObject({ code: 0 });
    expect(environment.host.requests).toHaveLength(1);
    expect(namesOf(at("runs.jsonl"))).toEqual(["a.png", "b.png", "c.png"]);
  });

  it.each([
    ["the engines are gone", "ENDPOINT_UNREACHABLE", {}],
    ["there is no room on the disk", "DISK_FULL", undefined],
  ] as const)("stops when %s, without blaming the image", async (_, code, retry) => {
    for (let number = 0; number < 20; number++) writeFileSync(at(`z${number}.png`), `image ${number}`);
    environment.host.nextRun = failing(code, 2, retry);
    const stopped = await run();
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain("error: It failed.");
    expect(stopped.err).toMatch(/The batch stopped: \d+ of 23 done, \d+ left/);
    expect(environment.host.requests.length).toBeLessThan(23);
    expect(readFileSync(at("job.jsonl"), "utf8")).not.toContain('"failed"');
    again();
    expect(await run()).toMatchObject({ code: 0 });
  });

  it("detects files with the same bytes once, and gives each its run file", async () => {
    writeFileSync(at("copy.png"), "image a");
    const { code, out } = await run("--json", at("out"), "--jsonl", at("runs.jsonl"));
    expect(code).toBe(0);
    expect(out).toMatch(/^4 of 4 done, 0 left/);
    expect(environment.host.requests).toHaveLength(3);
    expect(readdirSync(at("out"))).toHaveLength(4);
    expect(namesOf(at("runs.jsonl"))).toEqual(["a.png", "b.png", "c.png"]);
  });

  it("names a file that cannot be read", async () => {
    writeFileSync(at("list.txt"), "a.png\nmissing.png\n");
    const { code, err } = await environment.run("batch", at("list.txt"), "--journal", at("job.jsonl"));
    expect(code).toBe(1);
    expect(err).toContain("missing.png cannot be read");
  });

  it("cancels what runs at Ctrl-C and writes no results", async () => {
    environment.host.nextRun = "hang";
    const ended = run("--jsonl", at("runs.jsonl"));
    await until(() => environment.host.requests.length > 0);
    environment.interrupt();
    expect((await ended).code).toBe(130);
    expect(environment.host.cancelled.length).toBeGreaterThan(0);
    expect(existsSync(at("runs.jsonl"))).toBe(false);
    again();
    expect(await run()).toMatchObject({ code: 0 });
    expect(environment.host.requests).toHaveLength(3);
  });

  it("hands its options on, several engines too", async () => {
    environment.host.overrides.set("endpoints.check", ({ id }) => ({ id: String(id) }));
    environment.host.overrides.set("endpoints.list", () => []);
    await run("--engine", "studio", "--engine", "local", "--target", "the save button", "--profile", "speed");
    const [request] = environment.host.requests;
    expect(request).toMatchObject({ engines: ["studio", "local"], mode: "locate", target: "the save button" });
    expect(request).toMatchObject({ profile: "speed" });
  });

  it.each([
    ["no journal", ["--json", "out"]],
    ["a shard that is none", ["--journal", "job.jsonl", "--shard", "3/3"]],
  ])("wants no command line with %s", async (_, args) => {
    expect((await environment.run("batch", folder, ...args)).code).toBe(2);
    expect(environment.host.requests).toEqual([]);
  });
});
