import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localStageNames, type RunRecord } from "../../app/contract/index.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

let real: RealHost;

beforeAll(async () => {
  real = await startRealHost();
});

afterAll(() => real.dispose());

describe.each(["settings", "shop"])("the bundled detector on the sample %s", (name) => {
  let run: RunRecord;

  beforeAll(async () => {
    const image = await real.addSample(name);
    run = await real.run({ imageId: image.id });
  });

  it("finds at least ten elements inside the image", () => {
    expect(run.status).toBe("done");
    expect(run.detections.length).toBeGreaterThanOrEqual(10);
    for (const { bbox, confidence } of run.detections) {
      const [x1, y1, x2, y2] = bbox;
      expect(x1).toBeGreaterThanOrEqual(0);
      expect(y1).toBeGreaterThanOrEqual(0);
      expect(x2).toBeLessThanOrEqual(run.image.width);
      expect(y2).toBeLessThanOrEqual(run.image.height);
      expect(x2).toBeGreaterThan(x1);
      expect(y2).toBeGreaterThan(y1);
      expect(confidence).toBeGreaterThanOrEqual(run.settings.minConfidence);
    }
  });

  it("times every stage, and the stages add up to the total", () => {
    expect(run.stages.map(({ stage }) => stage)).toEqual([...localStageNames]);
    const sum = run.stages.reduce((total, { ms }) => total + ms, 0);
    expect(Math.abs(sum - run.totalMs)).toBeLessThanOrEqual(run.totalMs * 0.02);
    for (const stage of ["decode", "preprocess", "encode", "prefill", "generate"]) {
      expect(run.stages.find((timed) => timed.stage === stage)?.ms).toBeGreaterThan(0);
    }
  });

  it("says where the figures come from", () => {
    expect(run.engine?.backend).toBe("cpu");
    expect(run.engine?.backendReason).not.toBe("");
    expect(run.machine.physicalCores).toBeGreaterThan(0);
    expect(run.model.files.map(({ role }) => role).sort()).toEqual(["mmproj", "model"]);
    expect(run.model.files.every(({ sha256 }) => sha256 !== null)).toBe(true);
    expect(run.result?.tokens.image).toBeGreaterThan(0);
    expect(run.result?.memory?.residentBytes).toBeGreaterThan(0);
  });
});

/** Boxes that a person drew from the sample's own page, px; a detector that misplaces boxes cannot hit them. */
const truth = [
  { what: "search field", bbox: [840, 10, 1100, 42] },
  { what: "display name field", bbox: [283, 204, 727, 238] },
  { what: "e-mail field", bbox: [283, 275, 727, 309] },
  { what: "language list", bbox: [283, 346, 727, 380] },
  { what: "biography", bbox: [283, 418, 727, 488] },
  { what: "delete button", bbox: [264, 527, 416, 565] },
  { what: "cancel button", bbox: [999, 527, 1092, 565] },
  { what: "save button", bbox: [1104, 527, 1248, 565] },
  { what: "weekly summary check box", bbox: [785, 181, 803, 199] },
  { what: "team posts check box", bbox: [785, 213, 803, 231] },
] as const;

it("lands its boxes on the elements of the settings sample", async () => {
  const image = await real.addSample("settings");
  const run = await real.run({ imageId: image.id });
  const hit = truth.filter(({ bbox: [x1, y1, x2, y2] }) =>
    run.detections.some(({ bbox }) => {
      const overlap =
        Math.max(0, Math.min(x2, bbox[2]) - Math.max(x1, bbox[0])) *
        Math.max(0, Math.min(y2, bbox[3]) - Math.max(y1, bbox[1]));
      const union = (x2 - x1) * (y2 - y1) + (bbox[2] - bbox[0]) * (bbox[3] - bbox[1]) - overlap;
      return overlap / union >= 0.5;
    }),
  );
  expect(hit.length, `hit: ${hit.map(({ what }) => what).join(", ")}`).toBeGreaterThanOrEqual(8);
});
