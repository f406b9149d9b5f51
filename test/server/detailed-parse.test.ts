import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { detailedParseResponseSchema, parseServiceLimits } from "../../app/contract/index.ts";
import { sampleDetection, sampleRun } from "./sample-run.ts";
import { type Served, serveFake } from "./served.ts";

const image = Buffer.from("not really a PNG").toString("base64");

let served: Served;
beforeEach(async () => {
  served = await serveFake();
});
afterEach(() => served.close());

async function parse(body: unknown) {
  const response = await fetch(`${served.url}/api/parse`, { method: "POST", body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return detailedParseResponseSchema.parse(await response.json());
}

describe("POST /api/parse", () => {
  it("answers with everything that there is to say", async () => {
    const third = { ...sampleDetection(3), bbox: [10.25, 20.5, 30.75, 40.5] as const, point: [33.5, 44.5] as const };
    served.host.nextRun = () =>
      sampleRun({ detections: [{ ...third, bbox: [...third.bbox], point: [...third.point] }] });
    const answer = await parse({ image, return_raw_outputs: true, performance_profile: "speed" });
    expect(answer.elements).toEqual([
      {
        bbox: [10.25, 20.5, 20.5, 20],
        center: [33.5, 44.5],
        confidence: 0.9,
        type: "button",
        caption: "button",
        element_id: 1,
      },
    ]);
    const rawOutput = sampleRun().result?.rawOutput ?? "";
    expect(answer).toMatchObject({
      count: 1,
      device: "cpu",
      profile: "speed",
      max_detections: parseServiceLimits.speed.maxDetections,
      model: "Nano",
      timing: { resize_ms: 20, inference_ms: 660, parse_ms: 2, total_ms: 685 },
      raw_output: rawOutput,
      output_length: rawOutput.length,
      parse_status: "ok",
      run_id: "run-00000001",
      warnings: [],
    });
    expect(answer.stages.map(({ stage }) => stage)).toContain("encode");
    expect(answer.som_image).toMatch(/^data:image\/png;base64,/);
    expect(served.host.overlays[0]?.map(({ tag }) => tag)).toEqual(["1"]);
  });

  it("leaves out what was not asked for", async () => {
    const answer = await parse({ image, include_som: false });
    expect(answer).not.toHaveProperty("som_image");
    expect(answer).not.toHaveProperty("raw_output");
    expect(served.host.overlays).toHaveLength(0);
  });

  it.each(["ANSWER_TRUNCATED", "ANSWER_LOOPED"] as const)("%s: says when the answer was cut short", async (code) => {
    const warning = { code, message: "The answer reached its limit of tokens." };
    served.host.nextRun = () => sampleRun({ warnings: [warning] });
    const answer = await parse({ image });
    expect(answer).toMatchObject({ parse_status: "truncated", parse_error: warning.message });
    expect(answer.warnings).toEqual([warning.message]);
  });

  it("tells a stored answer by a mark in place of times", async () => {
    const cached = { runId: "run-00000000", createdAt: "2026-03-01T09:00:00.000Z" };
    served.host.nextRun = () => ({ ...sampleRun(), cached });
    const answer = await parse({ image });
    expect(served.host.requests[0]).toMatchObject({ useCache: true });
    expect(answer.cached).toEqual({ run_id: cached.runId, created_at: cached.createdAt });
    expect(answer).not.toHaveProperty("timing");
    expect(answer.stages).toEqual([]);
    expect(answer.processing_time_ms).toBeGreaterThan(0);
  });

  it("takes uploads, too", async () => {
    const form = new FormData();
    form.append("file", new Blob(["x"]), "shot.png");
    const response = await fetch(`${served.url}/api/parse/upload?max_detections=3`, { method: "POST", body: form });
    expect(detailedParseResponseSchema.parse(await response.json()).max_detections).toBe(3);
  });
});
