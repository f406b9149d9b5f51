import { describe, expect, it } from "vitest";
import type { Detection } from "../../../app/contract/index.ts";
import { AnswerCollector, type CollectorOptions } from "../../../app/engine/answer/collector.ts";
import type { GeneratedToken } from "../../../native/index.ts";
import { token } from "../fake-native.ts";

function collect(tokens: readonly GeneratedToken[], options: Partial<CollectorOptions> = {}) {
  const detections: Detection[] = [];
  const collector = new AnswerCollector({
    space: "normalised-1000",
    probability: "before-grammar",
    input: { width: 640, height: 320 },
    source: { width: 2000, height: 1000 },
    maxDetections: 10,
    fallbackLabel: "element",
    onDetection: (detection) => detections.push(detection),
    ...options,
  });
  collector.push(tokens);
  return { detections, collector };
}

/** As the bundled detector writes: five tokens an element. */
const compact = [
  token('[{"bbox_2d":[', 0.1),
  token("100,", 0.5),
  token("200,", 0.5),
  token("300,", 0.5),
  token("400", 0.5),
  token('],"label":"button"},{"bbox_2d":[', 0.25),
  token("0,", 0.9),
  token("0,", 0.9),
  token("999,", 0.9),
  token("500", 0.9),
  token('],"label":"image"}]', 0.9),
];

describe("AnswerCollector", () => {
  it("maps to source pixels and weighs exactly the tokens that carry each element", () => {
    const { detections, collector } = collect(compact);
    expect(collector.text).toBe(
      '[{"bbox_2d":[100,200,300,400],"label":"button"},{"bbox_2d":[0,0,999,500],"label":"image"}]',
    );
    expect(detections.map(({ id, label, bbox }) => ({ id, label, bbox }))).toEqual([
      { id: "e1", label: "button", bbox: [200, 200, 600, 400] },
      { id: "e2", label: "image", bbox: [0, 0, 1998, 500] },
    ]);
    expect(detections[0]?.confidence).toBeCloseTo((0.5 ** 4 * 0.25) ** (1 / 5), 10);
    expect(detections[1]?.confidence).toBeCloseTo(0.9, 10);
    expect(detections[0]?.raw).toEqual({ space: "normalised-1000", values: [100, 200, 300, 400] });
    expect(collector.limitReached).toBe(false);
  });

  it("calibrates the confidence and says so, and gives labels their colour", () => {
    const { detections } = collect(compact, {
      calibration: { raw: [0.5, 1], calibrated: [0.1, 0.6] },
      labelColors: new Map([["image", "#112233"]]),
    });
    expect(detections[0]).toMatchObject({ confidenceSource: "calibrated", confidence: 0.1 });
    expect(detections[0]?.rawConfidence).toBeCloseTo((0.5 ** 4 * 0.25) ** (1 / 5), 10);
    expect(detections[1]?.confidence).toBeCloseTo(0.5, 10);
    expect(detections.map(({ color }) => color)).toEqual([undefined, "#112233"]);
    expect(collect(compact).detections[1]).not.toHaveProperty("rawConfidence");
  });

  it("leaves the token out that only the limit of detections forced, and says that the limit was reached", () => {
    const forced = [...compact.slice(0, 10), token('],"label":"image"}]', 0.001, true)];
    const { detections, collector } = collect(forced, { maxDetections: 2 });
    expect(detections[1]?.confidence).toBeCloseTo(0.9, 10);
    expect(collector.limitReached).toBe(true);
    const bent = collect(forced, { maxDetections: 3 });
    expect(bent.detections[1]?.confidence).toBeLessThan(0.3);
    expect(bent.collector.limitReached).toBe(false);
  });

  it("knows the limit also where brackets are tokens of their own", () => {
    const { collector } = collect([token('[{"bbox_2d": [1, 2, 3, 4], "label": "a"}'), token("]", 0.01, true)], {
      maxDetections: 1,
    });
    expect(collector.limitReached).toBe(true);
  });

  it("maps pixels of the resized image", () => {
    const { detections } = collect([token('[{"bbox_2d":[32,16,320,160],"label":"x"}]')], { space: "model-pixels" });
    expect(detections[0]?.bbox).toEqual([100, 50, 1000, 500]);
  });

  it("puts a square around a click point and names it after the target", () => {
    const { detections } = collect([token('{"action":"click_absolute","x":320,"y":'), token("160", 0.4), token("}")], {
      space: "model-pixels",
      fallbackLabel: "the Save button",
    });
    expect(detections).toMatchObject([{ label: "the Save button", point: [1000, 500], bbox: [975, 475, 1025, 525] }]);
  });

  it("reorders corners, cuts to the image, counts boxes without area and merges the same box of the same label", () => {
    const box = (values: string) => token(`{"bbox_2d":[${values}],"label":"a"},`);
    const { detections, collector } = collect([
      box("300,400,100,200"),
      box("5,5,5,9"),
      box("900,900,1200,950"),
      box("1100,0,1200,10"),
      box("100,200,300,400"),
      token(`{"bbox_2d":[100,200,300,400],"label":"b"},`),
    ]);
    expect(detections.map(({ id, bbox }) => [id, bbox])).toEqual([
      ["e1", [200, 200, 600, 400]],
      ["e2", [1800, 900, 2000, 950]],
      ["e3", [200, 200, 600, 400]],
    ]);
    expect(detections[2]?.label).toBe("b");
    expect([collector.dropped, collector.merged, collector.loop]).toEqual([2, 1, undefined]);
  });

  it("takes no more tokens once the answer goes round in circles", () => {
    const cycle = ["1,1,5,5", "7,7,9,9", "20,20,30,30"].map((values) => token(`{"bbox_2d":[${values}],"label":"a"},`));
    const { detections, collector } = collect([...cycle, ...cycle, ...cycle, ...cycle, ...cycle, ...cycle], {
      maxDetections: 100,
    });
    expect(detections).toHaveLength(3);
    expect([collector.loop, collector.merged]).toEqual(["repeated-boxes", 10]);
    const before = collector.text;
    expect(collector.push(cycle)).toBe(0);
    expect(collector.text).toBe(before);
  });

  it("puts characters together that are spread over tokens", () => {
    const bytes = new TextEncoder().encode("ü");
    const half = (from: number, probability: number) => ({
      ...token("", probability),
      bytes: bytes.slice(from, from + 1),
    });
    const { detections } = collect([
      token('[{"label":"', 0.01),
      half(0, 0.5),
      half(1, 0.5),
      token('","bbox_2d":[', 0.01),
      token("1,2,3,4", 0.5),
      token("]}]", 0.01),
    ]);
    expect(detections[0]?.label).toBe("ü");
    expect(detections[0]?.confidence).toBeCloseTo(0.5, 10);
  });
});
