import { mkdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { factsOf, type RunRecord, runSummarySchema, summariseRun } from "../../../app/contract/index.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";
import { makeRun, makeRuns, writeRuns } from "../../support/run-fixtures.ts";

describe("what a list tells of a run", () => {
  it("is enough to filter, to draw its history and to compare timings", () => {
    const run = makeRun({
      backend: "metal",
      machine: "MacBook Pro",
      model: "UI-Venus 2B",
      profile: "speed",
      overrides: { maxDetections: 7, threads: 3 },
      mode: "locate",
      target: "the search field",
      stages: { decode: 1.23456789, encode: 20.5, other: 0 },
      reused: ["encode"],
      repeat: { group: "g", index: 1, of: 3 },
    });
    const summary = summariseRun(run);
    expect(runSummarySchema.parse(summary)).toEqual({
      id: run.id,
      status: "done",
      createdAt: run.createdAt,
      imageId: run.image.id,
      imageName: "screen.png",
      imageSize: { width: 1280, height: 800 },
      modelId: "ui-venus-2b",
      modelName: "UI-Venus 2B",
      family: "qwen3vl",
      backend: "metal",
      machineName: "MacBook Pro",
      profile: "speed",
      overrides: { maxDetections: 7, threads: 3 },
      mode: "locate",
      target: "the search field",
      detections: 3,
      totalMs: 21.735,
      stages: { decode: 1.235, encode: 20.5, other: 0 },
      reused: ["encode"],
      tokens: { image: 920, text: 12, generated: 54 },
      repeat: { group: "g", index: 1, of: 3 },
      tags: [],
    });
  });

  it("leaves out what a failed run does not have", () => {
    const { engine: _none, ...failed } = makeRun({ status: "failed", stages: {}, boxes: [] });
    const facts = factsOf(failed);
    for (const field of ["backend", "tokens", "reused", "overrides", "repeat", "target"]) {
      expect(facts).not.toHaveProperty(field);
    }
    expect(facts).toMatchObject({ status: "failed", stages: {}, totalMs: 0, detections: 0 });
  });
});

describe("the index of the library", () => {
  let fake: FakeHost;
  beforeEach(async () => {
    fake = await startFakeHost();
  });
  afterEach(() => fake.dispose());

  const indexFile = () => path.join(fake.dataFolder, "index", "runs.json");
  const runFile = (id: string) => path.join(fake.dataFolder, "runs", `${id}.json`);
  const list = async (host = fake.host) => host.call("runs.list", { limit: 10_000 });
  const idsOf = (runs: readonly { readonly id: string }[]) => runs.map(({ id }) => id);
  /** Lists once and closes, so that an index of these runs is kept. */
  const keepIndexOf = async (runs: readonly RunRecord[]) => {
    await writeRuns(fake.dataFolder, runs);
    await list();
    await fake.host.close();
  };

  it("is read instead of the records", async () => {
    const runs = makeRuns(3);
    await keepIndexOf(runs);
    const text = await readFile(indexFile(), "utf8");
    await writeFile(indexFile(), text.replaceAll("Workstation", "From the index"));
    expect((await list(await fake.again())).map(({ machineName }) => machineName)).toContain("From the index");
  });

  it("is never trusted over the files", async () => {
    const [kept, changed, gone] = makeRuns(3) as [RunRecord, RunRecord, RunRecord];
    await keepIndexOf([kept, changed, gone]);
    const added = makeRun({ createdAt: "2026-03-02T00:00:00.000Z" });
    await writeRuns(fake.dataFolder, [added, { ...changed, machine: { ...changed.machine, name: "Another name" } }]);
    await rm(runFile(gone.id));
    const after = await list(await fake.again());
    expect(idsOf(after)).toEqual([added.id, kept.id, changed.id]);
    expect(after[2]?.machineName).toBe("Another name");
  });

  it("notices a change of the same length by its time, without a restart too", async () => {
    const [run] = makeRuns(1) as [RunRecord];
    await writeRuns(fake.dataFolder, [run]);
    await list();
    await writeRuns(fake.dataFolder, [{ ...run, machine: { ...run.machine, name: "Workstatiom" } }]);
    await utimes(runFile(run.id), new Date(1000), new Date(1000));
    expect(await list()).toMatchObject([{ machineName: "Workstatiom" }]);
  });

  it.each([
    ["missing", undefined],
    ["cut off", '{"version":1,"files":[["2026'],
    ["of another version", '{"version":99,"files":[]}'],
    ["of another shape", '{"version":1,"files":[["20260301-090000-aaaaaaaa",1,1,{"id":5}]]}'],
  ])("that is %s is made again", async (_name, content) => {
    const runs = makeRuns(4);
    await keepIndexOf(runs);
    const whole = await readFile(indexFile(), "utf8");
    if (content === undefined) await rm(indexFile());
    else await writeFile(indexFile(), content);
    const after = await fake.again();
    expect(idsOf(await list(after))).toEqual(idsOf(runs));
    await after.close();
    const again = JSON.parse(await readFile(indexFile(), "utf8")) as { files: unknown[] };
    const before = JSON.parse(whole) as { files: unknown[] };
    expect(again.files.map(String).sort()).toEqual(before.files.map(String).sort());
  });

  it("costs a list nothing when it cannot be written", async () => {
    await mkdir(path.dirname(indexFile()), { recursive: true });
    await mkdir(indexFile());
    const runs = makeRuns(2);
    await keepIndexOf(runs);
    expect(idsOf(await list(await fake.again()))).toEqual(idsOf(runs));
  });

  it("lists 5,000 runs at a start in half of the time without it, in at most 600 bytes a run", async () => {
    await writeRuns(fake.dataFolder, makeRuns(5000));
    const first = performance.now();
    await list();
    const withoutMs = performance.now() - first;
    await fake.host.close();
    const times: number[] = [];
    let bytes = 0;
    // Other work on a shared machine can only make it slower: the best of five starts counts.
    for (let start = 0; start < 5; start++) {
      const host = await fake.again();
      const begin = performance.now();
      const runs = await list(host);
      times.push(performance.now() - begin);
      expect(runs).toHaveLength(5000);
      bytes = JSON.stringify(runs).length;
      await host.close();
    }
    console.log(
      `5,000 runs: listed in ${[withoutMs, ...times].map(Math.round).join(", ")} ms; ${(bytes / 5000).toFixed(0)} bytes each`,
    );
    expect(Math.min(...times)).toBeLessThan(withoutMs / 2);
    expect(bytes / 5000).toBeLessThanOrEqual(600);
  });
});
