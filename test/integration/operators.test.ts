import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ImageRef, operatorStages, runRecordSchema } from "../../app/contract/index.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

/** The bundled detector on a sample screenshot, through the real host and engine process. */
let real: RealHost;
let image: ImageRef;

beforeAll(async () => {
  real = await startRealHost();
  image = await real.addSample("settings");
});
afterAll(() => real.dispose());

const overrides = { maxImageTokens: 300 };
const boxes = (run: { readonly detections: readonly { readonly bbox: readonly number[] }[] }) =>
  run.detections.map(({ bbox }) => bbox);

describe("profiling a run", () => {
  it("explains nearly all of its time, stores it with the run, and leaves later runs alone", async () => {
    const run = await real.run({ imageId: image.id, overrides, profileOps: true });
    expect(run.status).toBe("done");
    const { opProfile } = run;
    expect(opProfile).toMatchObject({ sameAnswer: true, tokens: run.result?.tokens });
    expect(opProfile?.stages.map(({ stage }) => stage)).toEqual(operatorStages);
    for (const stage of opProfile?.stages ?? []) {
      expect(stage.unprofiledMs).toBe(run.stages.find(({ stage: name }) => name === stage.stage)?.ms);
      expect(stage.nodeMs).toBeLessThanOrEqual(stage.profiledMs);
      const other = stage.categories.find(({ category }) => category === "other")?.ms ?? 0;
      expect(other / stage.nodeMs).toBeLessThanOrEqual(0.02);
    }
    expect(await real.host.call("runs.get", { runId: run.id })).toEqual(run);
    const { json } = await real.host.call("runs.export", { runId: run.id });
    expect(runRecordSchema.parse(JSON.parse(json)).opProfile).toEqual(opProfile);

    const plain = await real.run({ imageId: image.id, overrides });
    expect(plain.opProfile).toBeUndefined();
    expect(boxes(plain)).toEqual(boxes(run));
  });

  it("can be cancelled while it profiles, without losing what was found", async () => {
    const { runId, done } = await real.host.detect({ imageId: image.id, overrides, profileOps: true });
    const stop = real.host.on("run.progress", (progress) => {
      if (progress.runId === runId && progress.phase === "profile") void real.host.call("runs.cancel", { runId });
    });
    const run = await done;
    stop();
    expect(run).toMatchObject({ status: "cancelled", error: { code: "CANCELLED" } });
    expect(run.detections.length).toBeGreaterThan(0);
    expect(run.opProfile).toBeUndefined();
    expect((await real.run({ imageId: image.id, overrides })).status).toBe("done");
  });
});
