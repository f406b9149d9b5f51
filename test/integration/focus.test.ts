import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunRecord } from "../../app/contract/index.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";
import { screenSequence } from "../support/screen-sequence.ts";

let real: RealHost;
let images: string[];

beforeAll(async () => {
  real = await startRealHost();
  const screens = await screenSequence(2);
  images = await Promise.all(screens.map(async ({ png }) => (await real.host.call("images.add", { bytes: png })).id));
});

afterAll(() => real.dispose());

const detect = (image: number, focus: boolean): Promise<RunRecord> =>
  real.run({ imageId: images[image] ?? "", profile: "speed", overrides: { focus } });

it("focuses on what changed since the last fitting run, keeps the report with the run, and is off unless asked for", async () => {
  const first = await detect(0, true);
  expect(first.focus).toMatchObject({ outcome: "full", reason: expect.stringContaining("no earlier run") });
  const second = await detect(1, true);
  expect(second.focus).toMatchObject({ outcome: "cropped", previousRunId: first.id });
  const stored = await real.host.call("runs.get", { runId: second.id });
  expect(stored.focus).toEqual(second.focus);
  expect(second.detections.length + second.belowThreshold.length).toBeGreaterThanOrEqual(
    second.focus?.keptDetections ?? Number.NaN,
  );
  const again = await detect(1, true);
  expect(again.focus).toMatchObject({ outcome: "unchanged", previousRunId: second.id });
  expect(again.detections.map(({ bbox }) => bbox)).toEqual(second.detections.map(({ bbox }) => bbox));
  const plain = await detect(0, false);
  expect(plain.focus).toBeUndefined();
  expect(plain.detections).toEqual(first.detections);
  const repeated = await real.run({
    imageId: images[0] ?? "",
    profile: "speed",
    overrides: { focus: true },
    repeat: { group: "g", index: 0, of: 1 },
  });
  expect(repeated.settings.focus).toBe(false);
  expect(repeated.focus).toBeUndefined();
});
