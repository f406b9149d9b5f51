import { describe, expect, it } from "vitest";
import { elementsAt } from "../../renderer/model/canvas/hit-test.ts";
import {
  formatAxisMs,
  formatBytes,
  formatConfidence,
  formatMs,
  formatRate,
  formatShare,
} from "../../renderer/model/format.ts";
import { labelColor } from "../../renderer/model/label-colors.ts";
import { modeChoices } from "../../renderer/model/modes.ts";
import { stageRows, sumOfRows } from "../../renderer/model/stage-rows.ts";
import { detection, modelEntry } from "./records.ts";

describe("numbers as shown", () => {
  it("gives times three figures and a unit", () => {
    const shown = [0, 0.02, 0.44, 12.34, 99.97, 340.4, 999.7, 1724, 9996, 21_000].map(formatMs);
    expect(shown).toEqual([
      "0 ms",
      "<0.1 ms",
      "0.4 ms",
      "12.3 ms",
      "100 ms",
      "340 ms",
      "1.00 s",
      "1.72 s",
      "10.0 s",
      "21.0 s",
    ]);
  });

  it("keeps one unit along an axis", () => {
    expect([0, 750, 3000].map((ms) => formatAxisMs(ms, 3000))).toEqual(["0", "0.75 s", "3.00 s"]);
    expect(formatAxisMs(50, 400)).toBe("50 ms");
  });

  it("never rounds a confidence up to certainty, nor a share down to nothing", () => {
    expect([0.309, 0.9999, 1].map(formatConfidence)).toEqual(["0.31", "0.99", "1.00"]);
    expect([0, 0.0001, 0.7869].map(formatShare)).toEqual(["0.0 %", "<0.1 %", "78.7 %"]);
  });

  it("formats bytes and rates", () => {
    expect([999, 21_200_000, 4_680_000_000].map(formatBytes)).toEqual(["999 B", "21.2 MB", "4.7 GB"]);
    expect([12.44, 1146.2].map(formatRate)).toEqual(["12.4", "1,146"]);
  });
});

describe("label colours", () => {
  it("differ between the labels that detectors commonly give", () => {
    const common = [
      "button",
      "link",
      "input",
      "checkbox",
      "menu_item",
      "tab",
      "heading",
      "radio",
      "image",
      "icon",
      "text",
    ];
    expect(new Set(common.map(labelColor)).size).toBe(common.length);
  });
});

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
