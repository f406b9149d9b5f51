import { describe, expect, it } from "vitest";
import { localStageNames, type Stage } from "../../app/contract/index.ts";
import { stageHolding, stageLabel, stagesIn } from "../../app/presentation/stages.ts";
import { confidenceText, toldConfidence } from "../../app/presentation/texts.ts";

const local = { stages: localStageNames.map((stage): Stage => ({ stage, ms: 1 })) };
const elsewhere = {
  stages: [
    { stage: "upload", ms: 3 },
    { stage: "prefill", ms: 9, includes: ["encode"] },
    { stage: "generate", ms: 5 },
  ] satisfies Stage[],
};

describe("the stages of a table", () => {
  it("are this machine's own, also before they have run", () => {
    expect(stagesIn([{ stages: [] }])).toEqual(localStageNames);
    expect(stagesIn([local])).toEqual(localStageNames);
  });

  it("are those that an engine elsewhere tells, without one that it does not tell apart", () => {
    expect(stagesIn([elsewhere])).toEqual(["decode", "preprocess", "upload", "prefill", "generate", "parse", "other"]);
    expect(stagesIn([local, elsewhere])).toContain("encode");
    expect(stageHolding(elsewhere, "encode")).toBe("prefill");
    expect(stageHolding(local, "encode")).toBeUndefined();
  });

  it("are named after all that their time holds", () => {
    expect(elsewhere.stages.map(stageLabel)).toEqual(["Upload", "Encode + prefill", "Generate"]);
  });
});

it("shows no confidence that was not told", () => {
  const element = { confidence: 1, confidenceSource: "unavailable" } as const;
  expect([toldConfidence(element), confidenceText(element)]).toEqual([undefined, "–"]);
  expect(confidenceText({ confidence: 0.5, confidenceSource: "after-grammar" })).toBe("0.50");
});
