import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Detection, ImageRef, RunRecord } from "../../app/contract/index.ts";
import { type LlamaServer, noLlamaServer, startLlamaServer } from "../support/llama-server.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";
import { screenSequence } from "../support/screen-sequence.ts";

if (noLlamaServer !== undefined) console.warn(`Skipped: ${noLlamaServer}`);

/** Everything of ours that computes otherwise than llama.cpp does; what the server is started with is the same here. */
const overrides = {
  vit: "upstream",
  cpuAttention: false,
  jumpForward: "off",
  flashAttention: "off",
  minConfidence: 0,
} as const;

describe.skipIf(noLlamaServer !== undefined)("a real llama-server with the bundled detector", () => {
  let real: RealHost;
  let server: LlamaServer;
  let id: string;

  beforeAll(async () => {
    server = await startLlamaServer({ args: ["-c", "4096", "-np", "1", "-ub", "2048", "-fa", "off"] });
    real = await startRealHost();
    const { endpoint } = await real.host.call("endpoints.add", {
      name: "Studio",
      url: server.url,
      preset: "model:nano",
    });
    id = endpoint.id;
  });

  afterAll(async () => {
    await server?.end();
    await real?.dispose();
  });

  const both = async (image: ImageRef): Promise<readonly [RunRecord, RunRecord]> => [
    await real.run({ imageId: image.id, overrides, engines: ["local"] }),
    await real.run({ imageId: image.id, overrides, engines: [id] }),
  ];

  it("is recognised, and says what it is", async () => {
    const status = await real.host.call("endpoints.check", { id });
    expect(status).toMatchObject({ probe: { kind: "llama-server", slots: 1, vision: true }, preset: "model:nano" });
    expect(status.problem).toBeUndefined();
  });

  it("gives the same elements as this machine's engine, on the samples and on ten pages", async () => {
    const pages = await Promise.all(
      (await screenSequence(10)).map(async ({ png }, index) => {
        const file = path.join(real.dataFolder, `page-${index}.png`);
        await writeFile(file, png);
        return real.host.call("images.addPath", { path: file });
      }),
    );
    for (const image of [await real.addSample("settings"), await real.addSample("shop"), ...pages]) {
      const [here, there] = await both(image);
      expect([here.status, there.status]).toEqual(["done", "done"]);
      expectSame(here.detections, there.detections);
    }
  });

  it("tells the time of what it tells, which adds up to the total", async () => {
    const image = await real.addSample("shop");
    const run = await real.run({ imageId: image.id, engines: [id], overrides: { reuseImage: false } });
    const names = ["decode", "preprocess", "upload", "queue", "prefill", "generate", "parse", "other"];
    expect(run.stages.map(({ stage }) => stage)).toEqual(names);
    const sum = run.stages.reduce((total, { ms }) => total + ms, 0);
    expect(Math.abs(sum - run.totalMs)).toBeLessThanOrEqual(run.totalMs * 0.02);
    expect(run.stages.find(({ stage }) => stage === "prefill")).toMatchObject({ includes: ["encode"] });
    expect(run.result).not.toHaveProperty("memory");
    expect(run.result).not.toHaveProperty("model");
    expect(run.engine).toMatchObject({
      backend: "remote",
      endpoint: { id, kind: "llama-server", model: "model.gguf", constraint: "gbnf", host: new URL(server.url).host },
    });
    expect(run.detections.every(({ confidenceSource }) => confidenceSource === "token-probability")).toBe(true);
  });

  it("is cancelled at once, and answers the next question", async () => {
    const image = await real.addSample("settings");
    const { runId, done } = await real.host.detect({ imageId: image.id, engines: [id] });
    const stop = real.host.on("run.progress", ({ runId: of, phase }) => {
      if (of === runId && phase === "prefill") void real.host.call("runs.cancel", { runId });
    });
    expect((await done).status).toBe("cancelled");
    stop();
    expect((await real.run({ imageId: image.id, engines: [id] })).status).toBe("done");
  });

  it("is refused with a preset whose image it would take for another", async () => {
    await real.host.call("endpoints.update", { id, preset: "qwen2.5-vl" });
    const image = await real.addSample("settings");
    const run = await real.run({ imageId: image.id, engines: [id] });
    expect(run.error?.code).toBe("ENDPOINT_RESIZES");
    expect(run.detections).toEqual([]);
    await real.host.call("endpoints.update", { id, preset: "model:nano" });
  });

  it("that is gone is told as such", async () => {
    await server.end();
    const image = await real.addSample("settings");
    const run = await real.run({ imageId: image.id, engines: [id] });
    expect(run.error).toMatchObject({ code: "ENDPOINT_UNREACHABLE", retry: {} });
    expect((await real.host.call("endpoints.check", { id })).problem?.code).toBe("ENDPOINT_UNREACHABLE");
  });
});

/** Labels the same, edges within two of the model's 1,000 units, confidences before calibration within 0.03. */
function expectSame(here: readonly Detection[], there: readonly Detection[]): void {
  expect(there.map(({ label }) => label)).toEqual(here.map(({ label }) => label));
  for (const [index, element] of here.entries()) {
    const other = there[index];
    const apart = element.raw.values.map((value, at) => Math.abs(value - (other?.raw.values[at] ?? Number.NaN)));
    expect(Math.max(...apart)).toBeLessThanOrEqual(2);
    const confidence = element.rawConfidence ?? element.confidence;
    expect(Math.abs(confidence - (other?.confidence ?? Number.NaN))).toBeLessThanOrEqual(0.03);
  }
}
