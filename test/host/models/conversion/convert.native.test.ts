import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelJob } from "../../../../app/contract/index.ts";
import { builtVariants } from "../../../../native/index.ts";
import { writeTinyQwen3vlPair } from "../../../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../../../support/gguf/tiny-qwen25vl.ts";
import { type RealHost, startRealHost } from "../../../support/real-host.ts";

const built = builtVariants().includes("cpu");
if (!built) console.warn("Skipped: the native addon is not built; run `npm run build:native`.");

/** Generated pairs with bf16 weights, converted through the host's methods and loaded by llama.cpp in the engine. */
describe.skipIf(!built)("a converted pair in llama.cpp", () => {
  let real: RealHost;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-bf16-"));
    real = await startRealHost();
  });
  afterAll(async () => {
    await real.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const finished = (start: Promise<{ jobId: string }>): Promise<ModelJob> =>
    new Promise((resolve, reject) => {
      const seen = new Map<string, ModelJob>();
      let id: string | undefined;
      const check = (): void => {
        const job = id === undefined ? undefined : seen.get(id);
        if (job?.state === "done") resolve(job);
        if (job?.state === "failed" || job?.state === "cancelled") reject(new Error(job.error?.message));
      };
      real.host.on("models.job", (job) => {
        seen.set(job.id, job);
        check();
      });
      start.then(({ jobId }) => {
        id = jobId;
        check();
      }, reject);
    });

  it.each([
    { family: "Qwen2.5-VL", write: writeTinyQwen25vlPair, to: "f16" as const },
    { family: "Qwen3-VL", write: writeTinyQwen3vlPair, to: "f32" as const },
  ])("$family to $to: loads and answers", async ({ family, write, to }) => {
    const pair = await write(path.join(folder, family), { type: "bf16", modelType: "bf16", name: family });
    const entry = await real.host.call("models.add", pair);
    const mmproj = await finished(real.host.call("models.repair", { id: entry.id, file: "mmproj", to }));
    if (mmproj.entry === undefined) throw new Error("the repaired pair was not added");
    expect(mmproj.entry).toMatchObject({ name: `${family} (mmproj ${to})`, modelPath: pair.modelPath });
    const both = await finished(real.host.call("models.repair", { id: mmproj.entry.id, file: "model", to }));
    if (both.entry === undefined) throw new Error("the repaired pair was not added");
    const { inspection } = await real.host.call("models.info", { id: both.entry.id });
    for (const file of [inspection.model, inspection.mmproj]) {
      expect(Object.keys(file.tensorTypes)).toContain(to);
      expect(Object.keys(file.tensorTypes)).not.toContain("bf16");
      expect(file.quantisation).toBe(to.toUpperCase());
    }
    const loaded = await real.host.call("models.load", { id: both.entry.id, backend: "cpu" });
    expect(loaded.parameters).toBeGreaterThan(0);
    const { id: imageId } = await real.addSample("settings");
    const run = await real.run({
      imageId,
      modelId: both.entry.id,
      mode: family === "Qwen3-VL" ? "detect" : "locate",
      ...(family === "Qwen3-VL" ? {} : { target: "the button" }),
      overrides: { maxImageTokens: 64, maxNewTokens: 8 },
    });
    expect(run.error, JSON.stringify(run.error)).toBeUndefined();
    expect(run.result?.tokens.generated).toBeGreaterThan(0);
  });
});
