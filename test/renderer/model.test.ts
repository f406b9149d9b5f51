import { describe, expect, it } from "vitest";
import { elementsAt } from "../../renderer/logic/canvas/hit-test.ts";
import { modeChoices } from "../../renderer/logic/modes.ts";
import { stageRows, sumOfRows } from "../../renderer/logic/stage-rows.ts";
import { detection, modelEntry } from "./records.ts";

describe("stage rows", () => {
  const tokens = { image: 900, text: 60, generated: 200 };

  it("lists all stages in order with share and speed", () => {
    const rows = stageRows(
      [
        { stage: "generate", ms: 400 },
        { stage: "encode", ms: 1500 },
      ],
      2000,
      tokens,
    );
    expect(rows.map((row) => row.stage)).toEqual([
      "decode",
      "preprocess",
      "encode",
      "prefill",
      "generate",
      "parse",
      "other",
    ]);
    expect(rows[2]).toMatchObject({ state: "measured", share: 0.75, tokens: 900, tokensPerSecond: 600 });
    expect(rows[4]).toMatchObject({ share: 0.2, tokensPerSecond: 500 });
    expect(rows[3]).toMatchObject({ state: "pending", tokens: 960 });
    expect(sumOfRows(rows)).toBe(1900);
  });

  it("never gives a reused stage a speed or a place in the bar", () => {
    const rows = stageRows(
      [
        { stage: "encode", ms: 0.2, reused: true },
        { stage: "prefill", ms: 10 },
      ],
      10.2,
      tokens,
    );
    expect(rows[2]?.state).toBe("reused");
    expect(rows[2]).not.toHaveProperty("tokensPerSecond");
    expect(sumOfRows(rows)).toBe(10);
  });

  it("gives no shares of a total that is not known", () => {
    const rows = stageRows([{ stage: "decode", ms: 10 }], undefined);
    expect(rows[0]).toMatchObject({ state: "measured", ms: 10 });
    expect(rows[0]).not.toHaveProperty("share");
  });
});

describe("elements under the pointer", () => {
  it("are met smallest first", () => {
    const card = detection("card", [0, 0, 400, 300]);
    const button = detection("button", [100, 100, 180, 130]);
    expect(elementsAt([card, button], 150, 110, 0).map((each) => each.id)).toEqual(["button", "card"]);
    expect(elementsAt([card, button], 350, 250, 0).map((each) => each.id)).toEqual(["card"]);
    expect(elementsAt([card, button], 500, 250, 0)).toEqual([]);
  });

  it("may be missed by the reach", () => {
    const box = detection("box", [10, 10, 20, 20]);
    expect(elementsAt([box], 23, 15, 2)).toEqual([]);
    expect(elementsAt([box], 23, 15, 3)).toHaveLength(1);
  });
});

describe("modes", () => {
  it("say why one cannot be chosen and which is off the training", () => {
    const [detect, locate] = modeChoices(modelEntry("holo", { detect: "off-training", locate: "unsupported" }));
    expect(detect).toMatchObject({ enabled: true, offTraining: true });
    expect(detect?.note).toContain("not trained");
    expect(locate?.enabled).toBe(false);
    expect(locate?.note).toContain("Choose another model");
  });
});
