import { describe, expect, it } from "vitest";
import { type StageOperators, stageOperatorsSchema } from "../../app/contract/index.ts";
import { attentionRows, layerRanges, shapeText } from "../../app/presentation/operators.ts";
import { operatorTimesFixture } from "../support/operator-times-fixture.ts";

const encodeStage = (changes: Partial<StageOperators>): StageOperators =>
  stageOperatorsSchema.parse({ ...operatorTimesFixture().stages[0], ...changes });

describe("attention of a stage", () => {
  it("joins layers that ran the same attention", () => {
    const [masked] = encodeStage({}).attention;
    if (masked === undefined) throw new Error("the fixture has attention");
    const attention = [0, 1, 2, 3, 4].map((layer) => ({ ...masked, layer, masked: layer !== 3 }));
    const rows = attentionRows(encodeStage({ attention }));
    expect(rows.map(({ layers, layerCount, kind }) => [layers, layerCount, kind])).toEqual([
      ["0–2, 4", 4, "flash, masked"],
      ["3", 1, "flash, no mask"],
    ]);
    expect(rows[0]).toMatchObject({ ops: "FLASH_ATTN_EXT 64 × 4 × 920", devices: "CPU" });
    expect(rows[0]?.share).toBeCloseTo(0.6);
  });

  it("joins layers without recorded operations, and adds up their times", () => {
    const attention = [0, 1, 2, 3].map((layer) => ({
      layer,
      kind: "flash" as const,
      masked: layer !== 2,
      nodes: 1,
      ms: 10,
      ops: [],
    }));
    const rows = attentionRows(encodeStage({ nodeMs: 100, attention }));
    expect(rows.map(({ layers, kind, ms, share }) => [layers, kind, ms, share])).toEqual([
      ["0, 1, 3", "flash, masked", 30, 0.3],
      ["2", "flash, no mask", 10, 0.1],
    ]);
  });

  it("writes ranges and shapes short", () => {
    expect(layerRanges([0, 1, 2, 7, 9, 10])).toBe("0–2, 7, 9, 10");
    expect(layerRanges([0, 1, 2, 4, 6, 7])).toBe("0–2, 4, 6, 7");
    expect(shapeText([64, 4, 920, 1])).toBe("64 × 4 × 920");
    expect(shapeText([1, 1, 1, 1])).toBe("1");
  });
});
