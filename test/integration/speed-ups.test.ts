import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Detection, DetectOverrides, RunRecord } from "../../app/contract/index.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

/** Each speed-up turned off alone, through the real host and engine process; focus mode, which may differ, has its own test. */
let real: RealHost;
beforeAll(async () => {
  real = await startRealHost();
});
afterAll(() => real.dispose());

const on = { vit: "windowed", cpuAttention: true, reuseImage: true, jumpForward: "on", prefetch: true } as const;
const off = {
  vit: "upstream",
  cpuAttention: false,
  reuseImage: false,
  jumpForward: "off",
  prefetch: false,
} as const satisfies DetectOverrides;
const switches = Object.keys(off) as (keyof typeof off)[];

/** Detections with every speed-up on, then with each one off, none of them from what was kept of the image before. */
async function turnedOffOneByOne(
  request: { readonly imageId: string; readonly modelId?: string },
  more: DetectOverrides,
) {
  const run = (overrides: DetectOverrides) => real.run({ ...request, overrides: { ...on, ...more, ...overrides } });
  const fast = await run({ reuseImage: false });
  expect(fast.error).toBeUndefined();
  const others: (readonly [keyof typeof off, RunRecord])[] = [];
  for (const name of switches) others.push([name, await run({ [name]: off[name] })]);
  return { fast, others };
}

describe.each(["settings", "shop"])("the bundled detector on the sample %s", (name) => {
  it("finds the same with each speed-up off", async () => {
    const { id: imageId, width, height } = await real.addSample(name);
    const { fast, others } = await turnedOffOneByOne({ imageId }, {});
    expect(fast.detections.length).toBeGreaterThan(20);
    for (const [without, slow] of others) {
      if (without !== "cpuAttention") {
        expect(slow.detections, without).toEqual(fast.detections);
        continue;
      }
      // Sums in another order, between weights of 8 bits: an edge of which the model is unsure can move by a bin.
      const labels = (list: readonly Detection[]) => list.map(({ label }) => label);
      expect(labels(slow.detections)).toEqual(labels(fast.detections));
      for (const [index, { bbox }] of fast.detections.entries()) {
        for (const [side, value] of bbox.entries()) {
          const bin = (side % 2 === 0 ? width : height) / 1000;
          const other = slow.detections[index]?.bbox[side] ?? Number.NaN;
          expect(Math.abs(value - other) / bin, `side ${side} of ${index}`).toBeLessThanOrEqual(2.01);
        }
      }
    }
  });
});

it("answers the same with each speed-up off: a model with windowed layers", async () => {
  const pair = await writeTinyQwen25vlPair(path.join(real.dataFolder, "tiny"), { type: "f32", fullAttentionEvery: 4 });
  const { id: modelId } = await real.host.call("models.add", pair);
  const { id: imageId } = await real.addSample("shop");
  const { fast, others } = await turnedOffOneByOne({ imageId, modelId }, { maxImageTokens: 200, maxNewTokens: 48 });
  expect(fast.result?.effective.vit).toBe("windowed");
  expect(fast.result?.rawOutput.length).toBeGreaterThan(20);
  for (const [without, slow] of others) {
    expect(slow.result?.rawOutput, without).toBe(fast.result?.rawOutput);
    expect(slow.detections, without).toEqual(fast.detections);
  }
  expect(others.find(([name]) => name === "vit")?.[1].result?.effective.vit).toBe("upstream");
});
