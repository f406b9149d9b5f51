import { afterAll, beforeAll, expect, it } from "vitest";
import { crowdedScreen } from "../support/crowded-screen.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

let real: RealHost;

beforeAll(async () => {
  real = await startRealHost();
});

afterAll(() => real.dispose());

/** Boxes of an answer without height or width in the model's own numbers. */
function withoutArea(rawOutput: string): number {
  const boxes = [...rawOutput.matchAll(/"bbox_2d":\[(\d+),(\d+),(\d+),(\d+)\]/g)].map((match) =>
    match.slice(1).map(Number),
  );
  return boxes.filter(([x1, y1, x2, y2]) => x1 === x2 || y1 === y2).length;
}

it("does not let the bundled detector write boxes without area for long on a page of 13,821 px", async () => {
  // Without an end to it, this very screen gave 195 boxes without area in 200, and the advice to raise maxDetections.
  const { png } = await crowdedScreen({ width: 1280, height: 13_821 }, 600);
  const image = await real.host.call("images.add", { bytes: png });
  const run = await real.run({ imageId: image.id, profile: "quality" });
  expect(run.status).toBe("done");
  expect(withoutArea(run.result?.rawOutput ?? "")).toBeLessThan(40);
  const codes = run.warnings.map(({ code }) => code);
  expect(codes).toContain("SHRUNK");
  expect(codes).not.toContain("ANSWER_TRUNCATED");
  expect(codes).not.toContain("MAX_DETECTIONS");
  expect(run.warnings.find(({ code }) => code === "SHRUNK")?.message).toContain("Shrunk 4.4 times: controls under");
});
