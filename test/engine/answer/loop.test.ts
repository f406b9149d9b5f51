import { describe, expect, it } from "vitest";
import { type Loop, LoopWatch, type Worth } from "../../../app/engine/answer/loop.ts";

/** What a watch says of these elements, and after how many of them. */
function afterElements(elements: readonly Worth[]): { readonly loop: Loop | undefined; readonly after: number } {
  const watch = new LoopWatch();
  let after = 0;
  for (const element of elements) {
    watch.element(element);
    after++;
    if (watch.loop !== undefined) break;
  }
  return { loop: watch.loop, after };
}

function afterText(text: string): { readonly loop: Loop | undefined; readonly after: number } {
  const watch = new LoopWatch();
  let after = 0;
  for (const piece of text) {
    watch.text(piece);
    after++;
    if (watch.loop !== undefined) break;
  }
  return { loop: watch.loop, after };
}

const times = (count: number, ...elements: readonly Worth[]): Worth[] =>
  Array.from({ length: count }, () => elements).flat();

describe("elements of an answer", () => {
  it("end it after ten in a row that add nothing, whichever way", () => {
    expect(afterElements([...times(30, "new"), ...times(50, "empty")])).toEqual({ loop: "empty-boxes", after: 40 });
    expect(afterElements(times(50, "repeat"))).toEqual({ loop: "repeated-boxes", after: 10 });
    expect(afterElements([...times(4, "empty"), ...times(6, "repeat")]).loop).toBe("repeated-boxes");
  });

  it("end it where a few new ones are strewn in", () => {
    expect(afterElements(times(20, "empty", "empty", "empty", "empty", "new"))).toEqual({
      loop: "empty-boxes",
      after: 19,
    });
  });

  it("go on where new ones keep coming", () => {
    expect(afterElements(times(100, "empty", "new", "repeat")).loop).toBeUndefined();
    expect(afterElements([...times(9, "empty"), ...times(200, "new")]).loop).toBeUndefined();
  });
});

describe("text of an answer", () => {
  it("ends it when one sequence is all that comes, of any length up to 256", () => {
    expect(afterText("x".repeat(2000))).toEqual({ loop: "repeated-text", after: 384 });
    expect(afterText(`I see. ${"Let me look again. ".repeat(200)}`).loop).toBe("repeated-text");
    const long = Array.from({ length: 250 }, (_, index) => String.fromCharCode(300 + index)).join("");
    expect(afterText(long.repeat(10))).toEqual({ loop: "repeated-text", after: 1000 });
  });

  it("goes on through a grid of equal controls, prose and a long label", () => {
    const grid = Array.from(
      { length: 400 },
      (_, index) => `{"bbox_2d":[${index},10,${index + 5},20],"label":"button"},`,
    );
    expect(afterText(grid.join("")).loop).toBeUndefined();
    const spaced = Array.from(
      { length: 100 },
      (_, index) => `\n\t{"bbox_2d": [100, ${100 + index * 8}, 200, ${106 + index * 8}], "label": "row"},`,
    );
    expect(afterText(spaced.join("")).loop).toBeUndefined();
    expect(afterText(`{"label":"${"-".repeat(300)}"`).loop).toBeUndefined();
  });
});
