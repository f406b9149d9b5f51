import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { type DetectSettings, type EngineResult, resolveSettings } from "../../app/contract/index.ts";
import { detect } from "../../app/engine/detect.ts";
import { ModelHolder } from "../../app/engine/models.ts";
import { Prefetcher } from "../../app/engine/prefetch.ts";
import { type NativeLibrary, openNative } from "../../native/index.ts";
import type { Answered } from "./measure.ts";

/** A line of a split's list: an image of the dataset and what is on it, in its px. */
const lineSchema = z.object({
  image: z.string(),
  library: z.string(),
  elements: z.array(
    z.object({
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      label: z.string(),
      interactive: z.boolean(),
    }),
  ),
});

export type Screen = z.infer<typeof lineSchema>;

/** The first `limit` screens of a split. Throws if its list is missing or not as {@link Screen} says. */
export async function readScreens(data: string, split: string, limit: number): Promise<readonly Screen[]> {
  return (await readFile(path.join(data, `${split}.jsonl`), "utf8"))
    .trim()
    .split("\n")
    .slice(0, limit)
    .map((line) => lineSchema.parse(JSON.parse(line)));
}

/** A screen with what the detector answered. */
export interface AnsweredScreen extends Answered {
  /** Path of the image file. */
  readonly image: string;
  readonly library: string;
  /** Of the detection alone; the model is loaded before. */
  readonly ms: number;
}

/** The app's engine on one pair. The first detection loads it, before its own time begins. */
export interface PairRunner {
  detect(
    imagePath: string,
    id: string,
  ): Promise<Pick<EngineResult, "detections" | "totalMs" | "rawOutput" | "warnings">>;
  unload(): Promise<void>;
}

/** The pair in the folder `model`, not loaded yet. */
export function pairRunner(native: NativeLibrary, model: string, settings: DetectSettings): PairRunner {
  const models = new ModelHolder(native);
  const pair = { modelPath: path.join(model, "model.gguf"), mmprojPath: path.join(model, "mmproj.gguf") };
  const silent = { progress: () => {}, stage: () => {}, detection: () => {} };
  return {
    detect: async (imagePath, id) => {
      const imageId = createHash("sha256")
        .update(await readFile(imagePath))
        .digest("hex");
      const call = { type: "detect", id, imageId, imagePath, pair, mode: "detect", settings } as const;
      return detect(models, call, silent, new AbortController().signal, new Prefetcher());
    },
    unload: () => models.unload(),
  };
}

/** Runs the pair in the folder `model` over screens, through the app's engine on the CPU, with minimum confidence 0. */
export async function* answerScreens(
  data: string,
  screens: readonly Screen[],
  model: string,
): AsyncGenerator<AnsweredScreen> {
  const settings = resolveSettings("quality", {
    minConfidence: 0,
    maxDetections: 200,
    maxNewTokens: 1536,
    reuseImage: false,
  });
  const runner = pairRunner(openNative("cpu"), model, settings);
  try {
    for (const [index, { image: name, library, elements }] of screens.entries()) {
      const image = path.join(data, name);
      const { detections, totalMs } = await runner.detect(image, `screen-${index}`);
      yield { image, library, ms: totalMs, truth: elements, found: detections };
      if ((index + 1) % 25 === 0) console.error(`${index + 1} of ${screens.length} screens`);
    }
  } finally {
    await runner.unload();
  }
}
