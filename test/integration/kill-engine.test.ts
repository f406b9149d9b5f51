import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ImageRef, type RunRecord, runRecordSchema } from "../../app/contract/index.ts";
import type { EngineChild } from "../../app/host/types.ts";
import { until } from "../support/patience.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

/** kill -9 at ten random moments of a run: ten clear errors, ten restarts, and nothing lost. */
let real: RealHost;
let image: ImageRef;
let healthy: RunRecord;
/** Engines up to the healthy run: more than one where a GPU's engine was tried first and given up. */
let startedFirst: number;
/** Events seen of each run. */
const events = new Map<string, number>();

beforeAll(async () => {
  real = await startRealHost();
  for (const event of ["run.progress", "run.stage", "run.detection"] as const)
    real.host.on(event, ({ runId }) => events.set(runId, (events.get(runId) ?? 0) + 1));
  image = await real.addSample("settings");
  healthy = await real.run({ imageId: image.id });
  startedFirst = engineCount();
});

afterAll(() => real.dispose());

const engineCount = (): number => new Set(real.engines.map(({ pid }) => pid)).size;
const boxes = (run: RunRecord): string => JSON.stringify(run.detections.map(({ label, bbox }) => ({ label, bbox })));

it("survives ten kills and gives the same answer at the eleventh run", async () => {
  expect(healthy.status).toBe("done");
  const killed: RunRecord[] = [];
  // A run may end before the kill reaches it: it does not count, but must be kept too.
  const survivors: RunRecord[] = [];
  let kills = 0;
  for (let round = 0; killed.length < 10 && round < 40; round++) {
    const { runId, done } = await real.host.detect({ imageId: image.id });
    let finished = false;
    void done.then(() => {
      finished = true;
    });
    const engine = await runningEngine();
    const moment = Math.random() * (events.get(healthy.id) ?? 0);
    await until(() => finished || (events.get(runId) ?? 0) > moment);
    if (finished) {
      survivors.push(await done);
      continue;
    }
    const gone = new Promise((resolve) => engine.onExit(resolve));
    process.kill(engine.pid ?? Number.NaN, "SIGKILL");
    kills++;
    const run = await done;
    await gone;
    (run.status === "failed" ? killed : survivors).push(run);
  }
  expect(killed).toHaveLength(10);
  for (const run of killed) {
    expect(run.status).toBe("failed");
    expect(run.error?.code).toBe("ENGINE_CRASHED");
    expect(run.error?.message).toMatch(/SIGKILL|killed/i);
    expect(run.error?.hint).toBeTruthy();
  }

  const eleventh = await real.run({ imageId: image.id });
  expect(eleventh.status).toBe("done");
  expect(boxes(eleventh)).toBe(boxes(healthy));
  expect(engineCount()).toBe(startedFirst + kills);

  const folder = path.join(real.dataFolder, "runs");
  const names = await readdir(folder);
  const records = await Promise.all(
    names.map(async (name) => runRecordSchema.parse(JSON.parse(await readFile(path.join(folder, name), "utf8")))),
  );
  const expected = [healthy, ...killed, ...survivors, eleventh].map(({ id }) => id).sort();
  expect(records.map(({ id }) => id).sort()).toEqual(expected);
});

/** The engine that works on the run just started. */
async function runningEngine(): Promise<EngineChild> {
  await until(async () => (await real.host.call("engine.state", {})).state === "busy");
  const engine = real.engines.at(-1);
  if (engine === undefined) throw new Error("no engine was started");
  return engine;
}
