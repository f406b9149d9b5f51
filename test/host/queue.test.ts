import { afterEach, describe, expect, it } from "vitest";
import { localEngine } from "../../app/host/endpoints/pool-engines.ts";
import { defaultTimings } from "../../app/host/engine/timings.ts";
import { Pool } from "../../app/host/pool/pool.ts";
import { type FakeHost, startFakeHost } from "../support/fake-engine.ts";
import { until } from "../support/patience.ts";
import { detectionFixture } from "../support/run-fixtures.ts";

describe("the queue", () => {
  it("runs one task at a time in the order they came, and goes on after one that fails", async () => {
    const queue = new Pool([localEngine]);
    const log: string[] = [];
    const task = (id: string) => ({
      id,
      engines: ["local"],
      run: async () => {
        log.push(`${id} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${id} ends`);
        if (id === "b") throw new Error("b fails");
      },
      dropped: async () => {},
    });
    for (const id of ["a", "b", "c"]) queue.add(task(id));
    expect(queue.waiting).toBe(2);
    await until(() => queue.idle);
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });
});

describe("detections in the queue", () => {
  let fake: FakeHost;
  afterEach(() => fake.dispose());

  it("never overlap in the engine, and finish in order", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    const started = await Promise.all(
      ["one", "two", "three", "four"].map((target) => fake.host.detect({ imageId, mode: "locate", target })),
    );
    const runs = await Promise.all(started.map(({ done }) => done));
    // The fake engine answers INTERNAL to a detection that begins while another one runs.
    expect(runs.map(({ status }) => status)).toEqual(["done", "done", "done", "done"]);
    expect(fake.seen("run.finished").map(({ run }) => run.target)).toEqual(["one", "two", "three", "four"]);
  });

  it("report their position, and again when they move up", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    const begin = (target: string) => fake.host.detect({ imageId, mode: "locate", target });
    const first = await begin("slow");
    const second = await begin("fine");
    const third = await begin("fine");
    expect((await fake.host.call("engine.state", {})).queued).toBe(2);
    expect(await fake.host.call("runs.cancel", { runId: second.runId })).toEqual({ cancelled: true });
    await fake.host.call("runs.cancel", { runId: first.runId });
    await third.done;
    const positions = (runId: string) =>
      fake
        .seen("run.queued")
        .filter((event) => event.runId === runId)
        .map(({ position }) => position);
    expect(positions(first.runId)).toEqual([0]);
    expect(positions(second.runId)).toEqual([1]);
    expect(positions(third.runId)).toEqual([2, 1]);
    expect((await fake.host.call("engine.state", {})).queued).toBe(0);
  });

  it("are cancelled before their turn: recorded, never sent to the engine", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    const first = await fake.host.detect({ imageId, mode: "locate", target: "slow" });
    const second = await fake.host.detect({ imageId, mode: "locate", target: "fine" });
    await fake.host.call("runs.cancel", { runId: second.runId });
    const run = await second.done;
    expect(run).toMatchObject({ status: "cancelled", error: { code: "CANCELLED" }, detections: [], totalMs: 0 });
    expect(await fake.host.call("runs.get", { runId: second.runId })).toEqual(run);
    await fake.host.call("runs.cancel", { runId: first.runId });
    await first.done;
  });

  it("are cancelled while they run: the engine stays and what was streamed is kept", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    const { runId, done } = await fake.host.detect({ imageId, mode: "locate", target: "slow" });
    await until(async () => (await fake.host.call("engine.state", {})).state === "busy");
    await until(() => fake.seen("run.progress").some(({ phase }) => phase === "decode"));
    expect(await fake.host.call("runs.cancel", { runId })).toEqual({ cancelled: true });
    const run = await done;
    expect(run).toMatchObject({ status: "cancelled", error: { code: "CANCELLED" } });
    expect(run.detections).toHaveLength(1);
    expect((await fake.run("fine")).status).toBe("done");
    expect(fake.engines).toHaveLength(1);
  });

  it("that do not react to cancel are ended with their engine", async () => {
    fake = await startFakeHost({ timings: { ...defaultTimings, cancelGrace: 150 } });
    const imageId = await fake.addImage();
    const { runId, done } = await fake.host.detect({ imageId, mode: "locate", target: "stubborn" });
    await until(() => fake.seen("run.progress").some(({ phase }) => phase === "decode"));
    await fake.host.call("runs.cancel", { runId });
    expect((await done).status).toBe("cancelled");
    expect((await fake.run("fine")).status).toBe("done");
    expect(fake.engines).toHaveLength(2);
  });

  it("are cancelled while the engine still starts", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    process.kill(fake.engines[0]?.pid ?? 0, "SIGKILL");
    await until(async () => (await fake.host.call("engine.state", {})).state === "crashed");
    const { runId, done } = await fake.host.detect({ imageId });
    await fake.host.call("runs.cancel", { runId });
    expect((await done).status).toBe("cancelled");
  });

  it("leave room for adding images and drawing overlays beside them", async () => {
    fake = await startFakeHost();
    const imageId = await fake.addImage();
    const { runId, done } = await fake.host.detect({ imageId, mode: "locate", target: "slow" });
    const other = await fake.addImage("100x50 other");
    const elements = [detectionFixture({ bbox: [0, 0, 9, 9] }, 1, { width: 100, height: 50 })];
    const drawn = async (id: string) => {
      const { png } = await fake.host.call("images.overlay", { image: { id, width: 100, height: 50 }, elements });
      return atob(png);
    };
    expect(await drawn(other)).toBe("1");
    expect(await drawn("0".repeat(64)), "an image that is not here").toBe("1 on 100x50");
    await fake.host.call("runs.cancel", { runId });
    await done;
  });

  it("answer false to the cancellation of an unknown run", async () => {
    fake = await startFakeHost();
    expect(await fake.host.call("runs.cancel", { runId: "00000000-none" })).toEqual({ cancelled: false });
  });
});
