import { describe, expect, it } from "vitest";
import { parseTemplate } from "../../../app/contract/index.ts";
import { AnswerParser } from "../../../app/engine/answer/parser.ts";

/** What is read of an answer that comes character by character. */
function read(template: string, answer: string) {
  const parser = new AnswerParser(parseTemplate(template));
  return answer.split("").flatMap((char) => parser.push(char));
}
const valuesOf = (template: string, answer: string) => read(template, answer).map(({ values }) => values);
const tars = "click(start_box='({x},{y})')";

describe("answers that a template describes", () => {
  it.each([
    [tars, "click(start_box='(197,525)')", [197, 525]],
    [tars, "Thought: there.\nAction: click( start_box = '( 197 , 525 )' )", [197, 525]],
    ["[{x1},{y1},{x2},{y2}]", "[1, 2,\n3, 4]", [1, 2, 3, 4]],
    ["({x},{y})", "(12.5, -3)", [12.5, -3]],
    ["<point>{x} {y}</point>", "<point>12 34</point>", [12, 34]],
    ["({y},{x})", "(1,2)", [2, 1]],
    ["[{y1},{x1},{y2},{x2}]", "[1,2,3,4]", [2, 1, 4, 3]],
    ['{"at":[{x},{y}]}', '{"at": [5, 6]}', [5, 6]],
  ])("reads %j in %j", (template, answer, values) => {
    expect(valuesOf(template, answer)).toEqual([values]);
  });

  it("reads each of several, as soon as its last character is there", () => {
    const parser = new AnswerParser(parseTemplate("({x},{y})"));
    expect(parser.push("(1,2")).toEqual([]);
    expect(parser.push(") (3,4)").map(({ values }) => values)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("says where the numbers stand, which the confidence is computed from", () => {
    const answer = "click(start_box='(197, 525)')";
    const [element] = read(tars, answer);
    expect(element?.kind).toBe("point");
    expect(element?.spans.map(({ start, end }) => answer.slice(start, end))).toEqual(["197", "525"]);
  });

  it.each([
    [tars, "click(start_box='(197)')"],
    [tars, "click(start_box='(a,b)')"],
    [tars, "click(end_box='(1,2)')"],
    ["({x},{y})", "(1 2)"],
    ["({x},{y})", "(1-2,3)"],
    ["<point>{x} {y}</point>", "<point>1</point>"],
    ["({x},{y})", '{"x":1,"y":2}'],
  ])("reads nothing of %j in %j", (template, answer) => {
    expect(valuesOf(template, answer)).toEqual([]);
  });

  it("stays linear for an answer that only nearly fits, again and again", () => {
    expect(valuesOf("({x},{y})", "(,".repeat(50_000) + ")".repeat(100_000))).toEqual([]);
  });
});
