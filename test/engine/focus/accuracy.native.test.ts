import { expect, it } from "vitest";
import { builtVariants } from "../../../native/index.ts";
import { measureFocus } from "../../support/focus-accuracy.ts";
import { screenSequence } from "../../support/screen-sequence.ts";

const built = builtVariants().includes("cpu");
if (!built) console.warn("Skipped: the native addon is not built; run `npm run build:native`.");

it.skipIf(!built)(
  "finds in focus mode what a full pass finds (average F1 at IoU 0.5 of at least 0.95), and says what it did",
  async () => {
    const steps = await measureFocus(await screenSequence(7));
    const average = steps.reduce((sum, { f1 }) => sum + f1, 0) / steps.length;
    expect(average, steps.map(({ what, f1 }) => `${what} ${f1.toFixed(3)}`).join(", ")).toBeGreaterThanOrEqual(0.95);
    const last = steps.at(-1)?.focused;
    expect(last?.focus).toMatchObject({ outcome: "unchanged", changedTiles: 0 });
    expect(last?.tokens).toEqual({ image: 0, text: 0, generated: 0 });
    const reused = last?.stages.filter((stage) => stage.reused === true).map(({ stage }) => stage);
    expect(reused).toEqual(["preprocess", "encode", "prefill", "generate"]);
    for (const { focused, full } of steps) {
      const sum = focused.stages.reduce((total, { ms }) => total + ms, 0);
      expect(Math.abs(sum - focused.totalMs)).toBeLessThanOrEqual(focused.totalMs * 0.02 + 0.01);
      const ids = [...focused.detections, ...focused.belowThreshold].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      if (focused.focus?.outcome === "cropped") expect(focused.tokens.image).toBeLessThan(full.tokens.image / 2);
    }
    expect(steps.filter(({ focused }) => focused.focus?.outcome === "cropped").length).toBeGreaterThanOrEqual(4);
  },
);
