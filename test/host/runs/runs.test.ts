import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { profiles, type RunRecord, runRecordSchema } from "../../../app/contract/index.ts";
import { type AtomicWriter, writeFileAtomic } from "../../../app/host/disk/atomic.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";
import { until } from "../../support/patience.ts";

let fake: FakeHost;
afterEach(() => fake.dispose());

const runsFolder = () => path.join(fake.dataFolder, "runs");
const list = () => fake.host.call("runs.list", {});

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

describe("run records", () => {
  beforeEach(async () => {
    fake = await startFakeHost();
  });

  it("hold everything about a run and are found again by another host", async () => {
    const run = await fake.run("fine");
    const file = path.join(runsFolder(), `${run.id}.json`);
    expect(runRecordSchema.parse(JSON.parse(await readFile(file, "utf8")))).toEqual(run);
    expect(run).toMatchObject({
      status: "done",
      app: { version: "1.2.3", node: process.versions.node },
      machine: { physicalCores: 3, logicalCores: os.cpus().length },
      engine: { backend: "cpu", llamaCppRelease: "v0" },
      model: { id: "nano", family: "fake" },
      target: "fine",
      profile: "balanced",
      result: { rawOutput: "fine" },
    });
    expect(run.engine?.backendReason).toContain("No usable GPU");
    expect(run.model.files.map(({ role, name }) => [role, name])).toEqual([
      ["model", "model.gguf"],
      ["mmproj", "mmproj.gguf"],
    ]);
    for (const { sha256 } of run.model.files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(run)).not.toContain(os.hostname());
    expect(JSON.stringify(run)).not.toContain(fake.dataFolder);

    const after = await fake.again();
    expect(await after.call("runs.get", { runId: run.id })).toEqual(run);
    expect(await after.call("runs.list", {})).toMatchObject([{ id: run.id, status: "done", detections: 1 }]);
  });

  it("lay the request's overrides over those of the settings, and both over the profile", async () => {
    await fake.host.call("settings.update", { profile: "speed", overrides: { threads: 3, maxDetections: 7 } });
    const { done } = await fake.host.detect({ imageId: await fake.addImage(), overrides: { maxDetections: 9 } });
    const run = await done;
    expect(run.profile).toBe("speed");
    expect(run.settings).toMatchObject({ threads: 3, maxDetections: 9, maxNewTokens: profiles.speed.maxNewTokens });
  });

  it("are listed newest first, filtered by image and limited", async () => {
    const a = await fake.run("one");
    const other = await fake.addImage("9x9 other");
    const b = await (await fake.host.detect({ imageId: other })).done;
    const c = await fake.run("three");
    expect((await list()).map(({ id }) => id)).toEqual([c.id, b.id, a.id]);
    expect((await fake.host.call("runs.list", { imageId: other })).map(({ id }) => id)).toEqual([b.id]);
    expect(await fake.host.call("runs.list", { limit: 2 })).toHaveLength(2);
  });

  it("that are broken are skipped and never break the list", async () => {
    const good = await fake.run("fine");
    await writeFile(path.join(runsFolder(), "20260101-000000-aaaaaaaa.json"), '{"schema":"holoscope.run","ver');
    await writeFile(path.join(runsFolder(), "20260101-000000-bbbbbbbb.json"), "");
    await writeFile(path.join(runsFolder(), "20260101-000000-cccccccc.json"), JSON.stringify({ ...good, stages: 5 }));
    await writeFile(path.join(runsFolder(), "20260101-000000-dddddddd.json"), JSON.stringify(good));
    await mkdir(path.join(runsFolder(), "20260101-000000-eeeeeeee.json"));
    await writeFile(path.join(runsFolder(), "not a run.txt"), "hello");
    expect((await list()).map(({ id }) => id)).toEqual([good.id]);
    const broken = { runId: "20260101-000000-cccccccc" };
    await expect(fake.host.call("runs.get", broken)).rejects.toMatchObject({ code: "RUN_FILE_INVALID" });
    const { text } = await fake.host.call("app.diagnostics", {});
    expect(text).toContain("20260101-000000-aaaaaaaa.json is skipped");
  });

  it("show up and disappear when another program on the same folder writes them", async () => {
    const run = await fake.run("fine");
    const copy: RunRecord = { ...run, id: "20260101-000000-ffffffff" };
    await writeFile(path.join(runsFolder(), `${copy.id}.json`), JSON.stringify(copy));
    expect(await list()).toHaveLength(2);
    await rm(path.join(runsFolder(), `${copy.id}.json`));
    expect(await list()).toHaveLength(1);
  });

  it("are deleted once", async () => {
    const { id: runId } = await fake.run("fine");
    expect(await fake.host.call("runs.delete", { runId })).toEqual({ deleted: true });
    expect(await fake.host.call("runs.delete", { runId })).toEqual({ deleted: false });
    await expect(fake.host.call("runs.get", { runId })).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    await expect(fake.host.call("runs.get", { runId: "../../settings" })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
    expect(await list()).toEqual([]);
  });
});

describe("importing a run", () => {
  beforeEach(async () => {
    fake = await startFakeHost();
  });
  const take = (value: unknown) =>
    fake.host.call("runs.import", { json: typeof value === "string" ? value : JSON.stringify(value) });

  it("takes in another machine's run", async () => {
    const run = await fake.run("fine");
    const foreign: RunRecord = { ...run, id: "foreign-0001", machine: { ...run.machine, name: "Elsewhere" } };
    expect(await take(foreign)).toMatchObject({ id: "foreign-0001", machineName: "Elsewhere" });
    expect(await fake.host.call("runs.get", { runId: "foreign-0001" })).toEqual(foreign);
  });

  it("keeps one of the same run, and both of different runs with the same id", async () => {
    const run = await fake.run("fine");
    expect((await take(run)).id).toBe(run.id);
    expect(await list()).toHaveLength(1);
    const different = { ...run, totalMs: 12345 };
    const { id } = await take(different);
    expect(id).not.toBe(run.id);
    expect((await take(different)).id).toBe(id);
    expect(await list()).toHaveLength(2);
    expect((await fake.host.call("runs.get", { runId: run.id })).totalMs).toBe(run.totalMs);
    expect((await fake.host.call("runs.get", { runId: id })).totalMs).toBe(12345);
  });

  it.each([
    ["not JSON", "{", /not JSON/],
    ["something else", { hello: "world" }, /not a run of Holoscope/],
    ["a newer format", { schema: "holoscope.run", version: 99 }, /newer Holoscope.*99/],
    ["a run with a wrong field", { schema: "holoscope.run", version: 1, id: "x/../../y" }, /"id"/],
    ["null", "null", /not a run/],
  ])("refuses %s", async (_name, value, message) => {
    await expect(take(value)).rejects.toMatchObject({ code: "RUN_FILE_INVALID" });
    await expect(take(value)).rejects.toThrow(message);
  });
});

describe("a disk that fails", () => {
  const failing =
    (code: string): AtomicWriter =>
    async (file, data, what) => {
      if (!file.includes(`${path.sep}runs${path.sep}`)) return writeFileAtomic(file, data, what);
      const { storageError } = await import("../../../app/host/disk/storage-error.ts");
      throw storageError(systemError(code), `save ${what}`);
    };

  it.each([
    ["ENOSPC", /no room left on the disk/],
    ["EROFS", /does not allow/],
  ])("with %s costs the file, not the result", async (code, message) => {
    fake = await startFakeHost({ writeFile: failing(code) });
    const run = await fake.run("fine");
    expect(run.status).toBe("done");
    expect(run.detections).toHaveLength(1);
    expect(run.warnings).toEqual([{ code: "NOT_SAVED", message: expect.stringMatching(message) }]);
    expect(fake.seen("run.finished").map(({ run: { id } }) => id)).toEqual([run.id]);
    expect(await fake.host.call("runs.get", { runId: run.id })).toEqual(run);
    expect(await list()).toHaveLength(1);
  });

  it("says what happened when something cannot be stored at all", async () => {
    fake = await startFakeHost();
    const image = await fake.addImage();
    await rename(path.join(fake.dataFolder, "images"), path.join(fake.dataFolder, "moved"));
    await writeFile(path.join(fake.dataFolder, "images"), "a file where the folder should be");
    await expect(fake.addImage("8x8 new")).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    await expect(fake.host.displayFile(image)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  });
});

describe("a file being written", () => {
  it("is old or new, never half, when the writer is killed at any moment", async () => {
    fake = await startFakeHost();
    const folder = await mkdtemp(path.join(fake.dataFolder, "atomic-"));
    const file = path.join(folder, "run.json");
    const old = JSON.stringify({ filler: "0".repeat(4_000_000) });
    await writeFile(file, old);
    const program = path.join(folder, "writer.mts");
    const atomicFile = new URL("../../../app/host/disk/atomic.ts", import.meta.url).href;
    await writeFile(
      program,
      `import { writeFileAtomic } from ${JSON.stringify(atomicFile)};
       console.log("ready");
       for (let n = 1; ; n = (n + 1) % 10) {
         await writeFileAtomic(${JSON.stringify(file)}, JSON.stringify({ filler: String(n).repeat(4_000_000) }), "it");
         console.log("written");
       }`,
    );
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ["--import", "tsx", program], { stdio: ["ignore", "pipe", "inherit"] });
      // At another point of another file each time: nothing says how far the writer is when it has told so much.
      const told = 1 + Math.floor(Math.random() * 4);
      let lines = 0;
      for await (const text of child.stdout.setEncoding("utf8")) {
        lines += String(text).split("\n").length - 1;
        if (lines >= told) break;
      }
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      const { filler } = JSON.parse(await readFile(file, "utf8")) as { filler: string };
      expect(filler).toBe((filler[0] ?? "").repeat(4_000_000));
    }
  });

  it("leaves no temporary file behind when it fails, and old ones are cleared at the next start", async () => {
    fake = await startFakeHost();
    await mkdir(runsFolder(), { recursive: true });
    await expect(writeFileAtomic(path.join(runsFolder(), "x".repeat(300)), "", "it")).rejects.toMatchObject({
      code: "STORAGE_FAILED",
    });
    expect(await readdir(runsFolder())).toEqual([]);
    const leftover = path.join(runsFolder(), "20260101-000000-aaaaaaaa.json.abc.tmp");
    const young = path.join(runsFolder(), "20260101-000000-bbbbbbbb.json.abc.tmp");
    await writeFile(leftover, '{"half');
    await writeFile(young, '{"half');
    await utimes(leftover, new Date(0), new Date(0));
    const after = await fake.again();
    await until(async () => (await readdir(runsFolder())).length === 1);
    expect(await readdir(runsFolder())).toEqual([path.basename(young)]);
    expect(await after.call("runs.list", {})).toEqual([]);
  });
});
