import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runRecordSchema } from "../../../app/contract/index.ts";
import { defaultTimings } from "../../../app/host/engine/timings.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";
import { limits, until } from "../../support/patience.ts";

let fake: FakeHost;
afterEach(async () => {
  await fake.dispose();
  delete process.env.FAKE_ENGINE_INIT;
});

const state = () => fake.host.call("engine.state", {});

describe("an engine that fails", () => {
  it("does not start before it is needed", async () => {
    fake = await startFakeHost();
    await fake.host.call("app.info", {});
    await fake.host.call("settings.get", {});
    expect(fake.engines).toHaveLength(0);
    expect((await state()).state).toBe("stopped");
  });

  it("aborts: the run fails with the assertion, keeps what was streamed, and the next run works", async () => {
    fake = await startFakeHost();
    const run = await fake.run("abort");
    expect(run.status).toBe("failed");
    expect(run.error?.code).toBe("ENGINE_CRASHED");
    expect(run.error?.message).toContain("GGML_ASSERT(a->ne[0] == b->ne[0]) failed");
    expect(run.error?.message).toContain("SIGABRT");
    expect(run.error?.message).not.toContain("/build/");
    expect(run.error?.hint).toBeTruthy();
    expect(run.detections.map(({ id }) => id)).toEqual(["e1"]);
    expect(run.belowThreshold.map(({ id }) => id)).toEqual(["e2"]);
    expect(run.stages).toEqual([{ stage: "decode", ms: 1 }]);
    expect(run.engine?.backend).toBe("cpu");

    expect((await fake.run("fine")).status).toBe("done");
    expect(fake.engines).toHaveLength(2);
    expect((await state()).restarts).toBe(1);
    expect((await state()).lastError).toBeUndefined();
  });

  it("exits: the message names the exit code", async () => {
    fake = await startFakeHost();
    const run = await fake.run("exit");
    expect(run.error?.code).toBe("ENGINE_CRASHED");
    expect(run.error?.message).toContain("exit code 7");
  });

  it("starts again by itself after it died at work", async () => {
    fake = await startFakeHost();
    await fake.run("abort");
    await until(async () => (await state()).state === "idle");
    expect(fake.engines).toHaveLength(2);
  });

  it("stays down after it died while idle, until it is needed", async () => {
    fake = await startFakeHost();
    await fake.run("fine");
    process.kill(fake.engines[0]?.pid ?? 0, "SIGKILL");
    await until(async () => (await state()).state === "crashed");
    expect((await state()).lastError?.message).toContain("SIGKILL");
    expect(fake.engines).toHaveLength(1);
    expect((await fake.run("fine")).status).toBe("done");
    expect((await state()).restarts).toBe(1);
  });

  it("is killed ten times at random moments: ten clear errors, ten restarts, no record lost", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    const runs = [await fake.run("fine")];
    for (let round = 0; round < 10; round++) {
      const started = await fake.host.detect({ imageId, mode: "locate", target: "slow" });
      const phases = 1 + Math.floor(Math.random() * 3);
      await until(async () => (await state()).state === "busy");
      await until(() => fake.seen("run.progress").filter(({ runId }) => runId === started.runId).length >= phases);
      process.kill(fake.engines.at(-1)?.pid ?? 0, "SIGKILL");
      const run = await started.done;
      expect(run.error?.code).toBe("ENGINE_CRASHED");
      expect(run.error?.message).toContain("SIGKILL");
      runs.push(run);
    }
    const last = await fake.run("fine");
    runs.push(last);
    expect(last.status).toBe("done");
    expect((await state()).restarts).toBe(10);
    expect(fake.engines).toHaveLength(11);
    const folder = path.join(fake.dataFolder, "runs");
    const names = await readdir(folder);
    for (const name of names) runRecordSchema.parse(JSON.parse(await readFile(path.join(folder, name), "utf8")));
    expect(names.sort()).toEqual(runs.map(({ id }) => `${id}.json`).sort());
  });

  it("hangs in a run: ENGINE_TIMEOUT, and the next run works", async () => {
    const timings = { ...defaultTimings, runSilence: 300 };
    fake = await startFakeHost({ timings });
    const run = await fake.run("hang");
    expect(run.status).toBe("failed");
    expect(run.error?.code).toBe("ENGINE_TIMEOUT");
    timings.runSilence = defaultTimings.runSilence;
    expect((await fake.run("fine")).status).toBe("done");
  });

  it("hangs at its start: ENGINE_TIMEOUT in bounded time", async () => {
    process.env.FAKE_ENGINE_INIT = JSON.stringify({ cpu: "hang" });
    fake = await startFakeHost({ timings: { ...defaultTimings, start: 300 } });
    await expect(fake.addImage()).rejects.toMatchObject({ code: "ENGINE_TIMEOUT" });
  });

  it("crashes at each start: after three attempts the next fails at once with a clear error", async () => {
    process.env.FAKE_ENGINE_INIT = JSON.stringify({ cpu: "crash" });
    fake = await startFakeHost();
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(fake.addImage()).rejects.toMatchObject({ code: "ENGINE_CRASHED" });
    }
    await expect(fake.addImage()).rejects.toThrow(/3 times in a row.*GGML_ASSERT/);
    expect(fake.engines).toHaveLength(3);
  });

  it("sends malformed messages: they are passed over, and a malformed answer fails only its run", async () => {
    fake = await startFakeHost();
    expect((await fake.run("garbage")).status).toBe("done");
    const run = await fake.run("garbage-reply");
    expect(run.status).toBe("failed");
    expect(run.error?.code).toBe("INTERNAL");
    expect((await fake.run("fine")).status).toBe("done");
    expect(fake.engines).toHaveLength(1);
  });

  it("answers with an error of its own: the run has it, the engine stays", async () => {
    fake = await startFakeHost();
    const run = await fake.run("fail");
    expect(run.error).toMatchObject({ code: "OUT_OF_MEMORY" });
    expect(fake.engines).toHaveLength(1);
  });

  it("cannot be found: the error says so", async () => {
    fake = await startFakeHost();
    const { createHost } = await import("../../../app/host/host.ts");
    const { nodeEngineSpawner } = await import("../../../app/host/engine/spawn-node.ts");
    const host = await createHost({
      dataFolder: path.join(fake.dataFolder, "other"),
      resourcesFolder: fake.resourcesFolder,
      appVersion: "1",
      door: "desktop",
      spawnEngine: nodeEngineSpawner({ program: path.join(fake.dataFolder, "missing.js") }),
    });
    const bytes = new TextEncoder().encode("1x1");
    await expect(host.call("images.add", { bytes })).rejects.toThrow(/Cannot find module/);
    await host.close();
  });
});

describe("closing", () => {
  it("ends a run that never ends, however patient it is with runs, and writes its record", async () => {
    const forever = 10 * limits.test;
    fake = await startFakeHost({ timings: { ...defaultTimings, runSilence: forever, cancelGrace: forever } });
    const imageId = await fake.addImage();
    const { done, runId } = await fake.host.detect({ imageId, mode: "locate", target: "stubborn" });
    const waiting = await fake.host.detect({ imageId });
    await until(async () => (await state()).state === "busy");
    await fake.host.close();
    expect((await done).status).toBe("cancelled");
    expect((await waiting.done).status).toBe("cancelled");
    await expect(fake.host.call("engine.state", {})).rejects.toMatchObject({ code: "CANCELLED" });
    const after = await fake.again();
    expect((await after.call("runs.get", { runId })).status).toBe("cancelled");
    expect(await after.call("runs.list", {})).toHaveLength(2);
  });

  it("ends an engine that is still starting", async () => {
    process.env.FAKE_ENGINE_INIT = JSON.stringify({ cpu: "hang" });
    fake = await startFakeHost();
    const adding = fake.addImage();
    adding.catch(() => {});
    await until(() => fake.engines.length === 1);
    const pid = fake.engines[0]?.pid ?? 0;
    await fake.host.close();
    await expect(adding).rejects.toMatchObject({ code: "CANCELLED" });
    expect(() => process.kill(pid, 0)).toThrow();
  });
});
