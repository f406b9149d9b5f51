import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DetectOverrides, type LoadedModel, localStageNames, resolveSettings } from "../../app/contract/index.ts";
import { detect } from "../../app/engine/detect.ts";
import { recognise } from "../../app/engine/families/index.ts";
import { SeenImages } from "../../app/engine/image/seen.ts";
import type { LoadedPair } from "../../app/engine/models.ts";
import { Prefetcher } from "../../app/engine/prefetch.ts";
import { lookText } from "../../app/presentation/texts.ts";
import type { GeneratedToken } from "../../native/index.ts";
import { imageIdOf } from "../support/image-id.ts";
import { token } from "./fake-native.ts";
import { FakeSession } from "./fake-session.ts";
import { headers } from "./headers.ts";

const pair = { modelPath: "model.gguf", mmprojPath: "mmproj.gguf" };
const info = { description: "fake", layers: 6, parameters: 1e7 } as LoadedModel;
/** A click in thousandths of what the model was shown. */
const click = (x: number, y: number): GeneratedToken[] => [token(`{"x":${x},"y":${y}}`)];

let folder = "";
let image = { imageId: "", imagePath: "" };
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holoscope-refine-"));
  const imagePath = path.join(folder, "wide.png");
  await sharp({ create: { width: 2048, height: 1024, channels: 3, background: "#ffffff" } })
    .png()
    .toFile(imagePath);
  image = { imageId: imageIdOf(imagePath), imagePath };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function locate(session: FakeSession, overrides: DetectOverrides, more: object = {}) {
  const traits = recognise(headers.holo31, headers.qwen35mmproj);
  const loaded: LoadedPair = { pair, session, traits, info, seen: new SeenImages() };
  const streamed: (readonly [string, number])[] = [];
  const stages: string[] = [];
  const settings = resolveSettings("balanced", { maxImageTokens: 512, ...overrides });
  const result = await detect(
    { loaded: async () => loaded, load: () => Promise.reject(new Error("It is loaded already.")) },
    { type: "detect", id: "d", ...image, pair, mode: "locate", target: "the Save button", settings, ...more },
    {
      progress() {},
      stage: ({ stage }) => void stages.push(stage),
      detection: ({ id, bbox }) => void streamed.push([id, Math.round((bbox[0] + bbox[2]) / 2)]),
    },
    new AbortController().signal,
    new Prefetcher(),
  );
  return { result, streamed, stages };
}

describe("a refined search", () => {
  it("looks again at crops of half the size around each answer, and gives the last one's place in the image", async () => {
    const session = new FakeSession(click(750, 500), click(250, 500), click(500, 0));
    const { result, streamed, stages } = await locate(session, { refine: 2 });
    expect(session.prompts.map(({ width, height }) => [width, height])).toEqual([
      [1024, 512],
      [1024, 512],
      [512, 256],
    ]);
    expect(result.refinement).toMatchObject([
      { crop: [0, 0, 2048, 1024], input: { width: 1024, height: 512 } },
      { crop: [1024, 256, 2048, 768], input: { width: 1024, height: 512 } },
      // Around 1280, 512.
      { crop: [1024, 384, 1536, 640], input: { width: 512, height: 256 } },
    ]);
    const [found, ...others] = result.detections;
    expect(others).toEqual([]);
    expect(found?.point).toEqual([1280, 384]);
    expect(streamed).toEqual([
      ["e1", 1536],
      ["e1", 1280],
      ["e1", 1280],
    ]);
    // Each stage is one, whose time is that of all looks; they add up to the total.
    expect(result.stages.map(({ stage }) => stage).sort()).toEqual([...localStageNames].sort());
    expect(result.stages.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(result.totalMs, 6);
    expect(stages.filter((stage) => stage === "encode")).toHaveLength(3);
    const parts = result.stages.find(({ stage }) => stage === "prefill")?.parts;
    expect(parts).toEqual([
      { name: "image", ms: 6 },
      { name: "text", ms: 3 },
    ]);
    expect(result.tokens).toMatchObject({ image: 512 + 512 + 128, text: 21, generated: 3 });
  });

  it("keeps the answer before a look that finds nothing, and ends there", async () => {
    const session = new FakeSession(click(500, 500), []);
    const { result } = await locate(session, { refine: 5 });
    expect(result.refinement).toHaveLength(2);
    expect(result.refinement?.[1]).not.toHaveProperty("bbox");
    expect(result.detections[0]?.point).toEqual([1024, 512]);
  });

  it("stays inside the image and ends where a crop would be no smaller", async () => {
    const { result } = await locate(new FakeSession(click(1000, 1000)), { refine: 5 });
    const crops = result.refinement?.map(({ crop }) => crop) ?? [];
    expect(crops).toEqual([
      [0, 0, 2048, 1024],
      [1024, 512, 2048, 1024],
      [1536, 768, 2048, 1024],
      [1792, 768, 2048, 1024],
    ]);
  });

  it.each([
    ["with the setting off", { refine: 0 }, {}],
    ["in mode detect", { refine: 2 }, { mode: "detect", target: undefined }],
    ["when operators are timed", { refine: 2 }, { profileOps: true }],
  ])("looks once %s", async (_name, overrides, more) => {
    const session = new FakeSession(click(500, 500));
    const { result } = await locate(session, overrides, more);
    expect(session.prompts).toHaveLength(1);
    expect(result).not.toHaveProperty("refinement");
  });

  it("is told look by look", () => {
    const look = { crop: [1024, 256, 2048, 768], input: { width: 1024, height: 512 }, ms: 812 } as const;
    expect(lookText({ ...look, crop: [...look.crop], bbox: [1270, 500, 1290, 520] })).toBe(
      "1,024 × 512 px at 1024, 256, seen as 1,024 × 512 px: found at 1280, 510, 812 ms",
    );
    expect(lookText({ ...look, crop: [...look.crop] })).toContain("nothing found");
  });
});
