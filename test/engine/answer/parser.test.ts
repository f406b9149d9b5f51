import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerParser, type ParsedElement } from "../../../app/engine/answer/parser.ts";

const compact =
  '[{"bbox_2d":[10,20,110,60],"label":"button"},{"bbox_2d":[0,0,999,999],"label":"image"},{"bbox_2d":[5,5,9,9],"label":"list_item"}]';
const fenced =
  '```json\n[\n\t{"bbox_2d": [12, 34, 56, 78], "label": "the \\"OK\\" button"},\n\t{"label": "Suche {alt}", "bbox_2d": [1.5, 2, 3, 4.25]},\n\t{"bbox_2d": [7, 8, 9, 10]}\n]\n```\nThat is all } I see ].';
const wrapped =
  'Here: {"elements": [{"bbox_2d": [1,2,3,4], "label": "a", "text": "Überschrift"}, {"point_2d": [5, 6], "label": "b"}]}';
const click = '{"action":"click_absolute","x":947,"y":338}';
const oldClick = "Thought: the button.\nClick(947, 338)";
const answers = { compact, fenced, wrapped, click, oldClick };

function parse(text: string, pieceLength = text.length): ParsedElement[] {
  const parser = new AnswerParser();
  const found: ParsedElement[] = [];
  for (let at = 0; at < text.length; at += pieceLength) found.push(...parser.push(text.slice(at, at + pieceLength)));
  return found;
}

const plain = ({ kind, values, label }: ParsedElement) => ({ kind, values, label });

describe("AnswerParser", () => {
  it("reads a compact list", () => {
    expect(parse(compact).map(plain)).toEqual([
      { kind: "box", values: [10, 20, 110, 60], label: "button" },
      { kind: "box", values: [0, 0, 999, 999], label: "image" },
      { kind: "box", values: [5, 5, 9, 9], label: "list_item" },
    ]);
  });

  it("reads a fenced list with any key order, escapes, braces in labels, a missing label and text behind it", () => {
    expect(parse(fenced).map(plain)).toEqual([
      { kind: "box", values: [12, 34, 56, 78], label: 'the "OK" button' },
      { kind: "box", values: [1.5, 2, 3, 4.25], label: "Suche {alt}" },
      { kind: "box", values: [7, 8, 9, 10], label: undefined },
    ]);
  });

  it("reads elements inside a wrapper object once", () => {
    expect(parse(wrapped).map(plain)).toEqual([
      { kind: "box", values: [1, 2, 3, 4], label: "a" },
      { kind: "point", values: [5, 6], label: "b" },
    ]);
    expect(parse(wrapped)[0]?.text).toBe("Überschrift");
  });

  it("reads click points in both forms", () => {
    expect(parse(click).map(plain)).toEqual([{ kind: "point", values: [947, 338], label: undefined }]);
    expect(parse(oldClick).map(plain)).toEqual([{ kind: "point", values: [947, 338], label: undefined }]);
  });

  it("tells where the numbers and the label stand", () => {
    for (const [name, text] of Object.entries(answers)) {
      for (const element of parse(text)) {
        const parts = element.spans.map(({ start, end }) => text.slice(start, end));
        expect(parts.slice(0, element.values.length).map(Number), name).toEqual(element.values);
        if (element.label !== undefined) expect(JSON.parse(`"${parts.at(-1)}"`), name).toBe(element.label);
      }
    }
  });

  it("emits each element with the piece that closes it", () => {
    const parser = new AnswerParser();
    const end = compact.indexOf("}") + 1;
    expect(parser.push(compact.slice(0, end - 1))).toEqual([]);
    expect(parser.push("}").map(plain)).toEqual([{ kind: "box", values: [10, 20, 110, 60], label: "button" }]);
    expect(parser.text).toBe(compact.slice(0, end));
  });

  it.each(Object.entries(answers))("finds a prefix of the elements in every prefix of the %s answer", (_name, text) => {
    const whole = parse(text);
    let before = 0;
    for (let length = 0; length <= text.length; length++) {
      const found = parse(text.slice(0, length));
      expect(found).toEqual(whole.slice(0, found.length));
      expect(found.length).toBeGreaterThanOrEqual(before);
      before = found.length;
    }
    expect(before).toBe(whole.length);
  });

  it("finds the same whatever the pieces", () => {
    for (const text of Object.values(answers)) {
      const whole = parse(text);
      for (const length of [1, 2, 3, 7, 16]) expect(parse(text, length)).toEqual(whole);
    }
  });

  it("never throws on garbage", () => {
    const garbage = fc.oneof(
      fc.string({ maxLength: 400, unit: "binary" }),
      fc
        .array(
          fc.constantFrom('{"bbox_2d":', "[1,2", ",3,4]", '"label":"', '"', "}", "{", "\\", "]", "Click(1,", "2)", "x"),
          {
            maxLength: 60,
          },
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        for (const element of parse(text, 5))
          expect(element.values.every((value) => typeof value === "number")).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("stays fast on deeply nested and very long answers", () => {
    /** ms, the least of five: other work on the machine only adds. */
    const least = (text: string): number =>
      Math.min(
        ...[1, 2, 3, 4, 5].map(() => {
          const start = performance.now();
          parse(text);
          return performance.now() - start;
        }),
      );
    const nested = (depth: number): string => "{".repeat(depth) + "}".repeat(depth);
    const long = (length: number): string => `{"label":"${"a".repeat(length)}"}`;
    // Ten times the text takes about ten times as long; it would be a hundred times if each character looked at all others.
    expect(least(nested(40_000)) / least(nested(4_000))).toBeLessThan(40);
    expect(least(long(400_000)) / least(long(40_000))).toBeLessThan(40);
  });
});
