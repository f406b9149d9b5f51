import { describe, expect, it } from "vitest";
import { checkAnswer } from "../../training/evaluation/answers.ts";
import { emptyScreen, noiseImage } from "../../training/evaluation/blank.ts";
import { placed, uncovered } from "../../training/pages/frames.ts";
import { Random } from "../../training/pages/random.ts";
import { Words } from "../../training/pages/words.ts";

const answer = (rawOutput: string) => checkAnswer({ rawOutput, warnings: [] });

describe("checkAnswer", () => {
  it("counts the boxes of a whole answer", () => {
    expect(answer("[]")).toEqual({ boxes: 0, endedAtLimit: false });
    expect(answer('[{"bbox_2d": [0, 1, 999, 3], "label": "button"}]')).toEqual({ boxes: 1, endedAtLimit: false });
  });

  it("tells of a list that the limit of elements ended", () => {
    const warnings = [{ code: "MAX_DETECTIONS", message: "ended at 1" }] as const;
    expect(checkAnswer({ rawOutput: '[{"bbox_2d": [0, 1, 9, 3], "label": "text"}]', warnings })).toEqual({
      boxes: 1,
      endedAtLimit: true,
    });
  });

  it.each([
    ["cut JSON", '[{"bbox_2d": [0, 1'],
    ["no list", '{"bbox_2d": [0, 1, 2, 3], "label": "button"}'],
    ["three sides", '[{"bbox_2d": [0, 1, 2], "label": "button"}]'],
    ["a bin that there is not", '[{"bbox_2d": [0, 1, 2, 1000], "label": "button"}]'],
    ["no label", '[{"bbox_2d": [0, 1, 2, 3]}]'],
    ["an empty label", '[{"bbox_2d": [0, 1, 2, 3], "label": ""}]'],
    ["nothing", ""],
  ])("finds the fault in %s", (_, text) => {
    expect(answer(text)).toHaveProperty("fault");
  });

  it("counts an answer that the token limit ended as a fault, even if it happens to be JSON", () => {
    expect(
      checkAnswer({ rawOutput: "[]", warnings: [{ code: "ANSWER_TRUNCATED", message: "cut after 4096 tokens" }] }),
    ).toEqual({ fault: "cut after 4096 tokens" });
  });
});

describe("images without elements", () => {
  it("have many different pixels as noise, and few as empty screens", async () => {
    const noise = await Promise.all(
      Array.from({ length: 8 }, (_, seed) => noiseImage(new Random(seed)).raw().toBuffer({ resolveWithObject: true })),
    );
    for (const { data, info } of noise) {
      const values = data.subarray(0, info.width * info.channels * 64);
      expect(Math.max(...new Set(values)) - Math.min(...new Set(values))).toBeGreaterThan(60);
    }
    const plain = await Promise.all(
      Array.from({ length: 12 }, (_, seed) =>
        emptyScreen(new Random(seed)).raw().toBuffer({ resolveWithObject: true }),
      ),
    );
    const steps = plain.map(({ data, info }) => {
      let largest = 0;
      for (let at = info.channels; at < info.width * info.channels; at++)
        largest = Math.max(largest, Math.abs((data[at] ?? 0) - (data[at - info.channels] ?? 0)));
      return largest;
    });
    expect(Math.max(...steps)).toBeLessThanOrEqual(2);
  });
});

describe("uncovered", () => {
  const box = [10, 10, 110, 30] as const;

  it("leaves a free box as it is", () => {
    expect(uncovered(box, [[200, 0, 300, 300]])).toEqual(box);
  });

  it("cuts a side that is covered, and leaves out what is more than half covered", () => {
    expect(uncovered(box, [[80, 0, 300, 300]])).toEqual([10, 10, 80, 30]);
    expect(uncovered(box, [[0, 0, 40, 300]])).toEqual([40, 10, 110, 30]);
    expect(uncovered(box, [[0, 0, 300, 18]])).toEqual([10, 18, 110, 30]);
    expect(uncovered(box, [[50, 0, 300, 300]])).toBeUndefined();
  });

  it("keeps a box of which a corner or the middle is covered a little", () => {
    expect(uncovered(box, [[90, 24, 300, 300]])).toEqual(box);
    expect(uncovered(box, [[40, 0, 50, 300]])).toEqual(box);
  });

  it("moves a window's elements to where it stands", () => {
    const element = { bbox: [0, 0, 20, 10], label: "button", interactive: true } as const;
    expect(placed([element], { at: [100, 50, 300, 250], covers: [[0, 0, 105, 400]] })).toEqual([
      { ...element, bbox: [105, 50, 120, 60] },
    ]);
  });
});

describe("Words", () => {
  it("writes Japanese and Chinese without spaces, and Arabic from the right", () => {
    const pages = Array.from({ length: 400 }, (_, seed) => new Words(new Random(seed)));
    const phrases = pages.map((words) => ({ words, phrase: words.phrase(3, 3) }));
    const unspaced = phrases.filter(({ phrase }) =>
      /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u.test(phrase),
    );
    const arabic = phrases.filter(({ phrase }) => /^\p{Script=Arabic}/u.test(phrase));
    expect(unspaced.length).toBeGreaterThan(10);
    expect(arabic.length).toBeGreaterThan(5);
    for (const { phrase } of unspaced) expect(phrase).not.toContain(" ");
    for (const { words } of arabic) expect(words.direction).toBe("rtl");
    for (const { words, phrase } of phrases) if (/^\p{Script=Latin}/u.test(phrase)) expect(words.direction).toBe("ltr");
  });
});
