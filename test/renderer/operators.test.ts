import { describe, expect, it } from "vitest";
import { type ImageRef, type StageOperators, stageOperatorsSchema } from "../../app/contract/index.ts";
import {
  attentionSummary,
  categoryRows,
  heatCells,
  outsideText,
  overheadText,
} from "../../renderer/logic/operators/rows.ts";
import { runFromRecord } from "../../renderer/logic/run-view.ts";
import { createAppStore, patch } from "../../renderer/store/app-store.ts";
import { operatorsRequestNow } from "../../renderer/store/detect-request.ts";
import { operatorTimesFixture } from "../support/operator-times-fixture.ts";
import { makeRun } from "../support/run-fixtures.ts";
import { modelEntry, settings } from "./records.ts";

function encodeStage(changes: Partial<StageOperators> = {}): StageOperators {
  return stageOperatorsSchema.parse({ ...operatorTimesFixture().stages[0], ...changes });
}

describe("rows of a profile", () => {
  it("shows shares of the node time and estimates of the true time", () => {
    const [first] = categoryRows(encodeStage());
    expect(first).toMatchObject({ category: "ffn", name: "FFN", nodes: 4 });
    expect(first?.share).toBeCloseTo(0.4);
    // Nodes take 90 % of the stage, so 40 % of the node time is 36 % of the true 500 ms.
    expect(first?.estimatedMs).toBeCloseTo(180);
  });

  it("estimates nothing for a stage that the run did not need", () => {
    const stage = encodeStage({ unprofiledMs: undefined });
    expect(categoryRows(stage)[0]).not.toHaveProperty("estimatedMs");
    expect(outsideText(stage)).toBeUndefined();
    expect(overheadText(stage)).toBe("540 ms profiled");
  });

  it("fills the whole bar with the shares, the costliest first", () => {
    const shares = categoryRows(encodeStage()).map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(shares.reduce((all, share) => all + share, 0)).toBeCloseTo(1);
  });

  it("heats layers against the costliest one", () => {
    const stage = encodeStage();
    const [first, second] = stage.layers;
    if (first === undefined || second === undefined) throw new Error("the fixture has two layers");
    const cells = heatCells(encodeStage({ layers: [first, { ...second, ms: first.ms / 2 }] }));
    expect(cells.map(({ heat }) => heat)).toEqual([1, 0.5]);
    expect(cells[0]?.mostly).toBe("FFN 44 %, attention core 33 %");
  });

  it("says the overhead as a ratio and what no node takes", () => {
    expect(overheadText(encodeStage())).toBe("540 ms profiled, 1.1× as long");
    expect(outsideText(encodeStage())).toContain("about 50.0 ms outside the nodes");
  });

  it("answers in one sentence which attention ran", () => {
    expect(attentionSummary(encodeStage())).toBe(
      "30.0 % of this stage's node time, about 135 ms of the unprofiled run: fused (flash) attention in all 2 layers, on CPU.",
    );
    expect(attentionSummary(encodeStage({ attention: [] }))).toContain("No attention");
  });
});

describe("profiling a run", () => {
  const record = makeRun({ model: "Nano", overrides: { maxImageTokens: 320 }, mode: "locate", target: "the cart" });
  const image: ImageRef = record.image;

  function windowWith(modelId: string) {
    const store = createAppStore();
    patch(store, "host", { settings, models: [modelEntry(modelId, { detect: "trained", locate: "unsupported" })] });
    patch(store, "runs", { byId: { [record.id]: runFromRecord(record) }, shown: { [image.id]: record.id } });
    return store.getState();
  }

  it("repeats the shown run with its own choices", () => {
    expect(operatorsRequestNow(windowWith("nano"), image.id)).toMatchObject({
      imageId: image.id,
      mode: "locate",
      target: "the cart",
      modelId: "nano",
      overrides: { maxImageTokens: 320 },
      profileOps: true,
    });
  });

  it("takes the present choices where the run's model is not here", () => {
    const request = operatorsRequestNow(windowWith("another"), image.id);
    expect(request).toMatchObject({ mode: settings.mode, modelId: settings.modelId, profileOps: true });
    expect(request).not.toHaveProperty("overrides");
  });
});
