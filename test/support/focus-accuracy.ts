import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type EngineResult, matchDetections, resolveSettings } from "../../app/contract/index.ts";
import { detect } from "../../app/engine/detect.ts";
import type { FocusRequest } from "../../app/engine/focus/focus.ts";
import { ModelHolder } from "../../app/engine/models.ts";
import { Prefetcher } from "../../app/engine/prefetch.ts";
import { openNative } from "../../native/index.ts";
import { imageIdOf } from "./image-id.ts";
import { repositoryRoot } from "./repository.ts";
import type { Screen } from "./screen-sequence.ts";

/** One screen of a sequence, detected both ways. */
export interface FocusStep {
  readonly what: string;
  readonly full: EngineResult;
  readonly focused: EngineResult;
  /** Of the focused elements against the full pass's: same box at IoU 0.5, labels left aside. */
  readonly f1: number;
  /** As `f1`, with a pair of different labels counted as missed. */
  readonly f1WithLabel: number;
  /** Time of the focused run as a share of the full one's. */
  readonly timeRatio: number;
}

const nano = path.join(repositoryRoot, "resources/models/nano");
const pair = { modelPath: path.join(nano, "model.gguf"), mmprojPath: path.join(nano, "mmproj.gguf") };
const silent = { progress: () => {}, stage: () => {}, detection: () => {} };

/**
 * Runs the bundled detector over a sequence of screens, each in full and in focus mode on top of the focused result of
 * the one before, so that errors of focus mode add up as they would in use. The first screen has nothing before it.
 */
export async function measureFocus(screens: readonly Screen[]): Promise<FocusStep[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-focus-"));
  const models = new ModelHolder(openNative("cpu"));
  // A screen that comes back would be answered from what was kept of it, and the full pass's time would mean nothing.
  const settings = resolveSettings("balanced", { focus: true, reuseImage: false });
  const run = (imagePath: string, focus?: FocusRequest) =>
    detect(
      models,
      {
        type: "detect",
        id: "run",
        imageId: imageIdOf(imagePath),
        imagePath,
        pair,
        mode: "detect",
        settings,
        ...(focus === undefined ? {} : { focus }),
      },
      silent,
      new AbortController().signal,
      new Prefetcher(),
    );
  const steps: FocusStep[] = [];
  let base: FocusRequest | undefined;
  try {
    for (const [index, { what, png }] of screens.entries()) {
      const file = path.join(folder, `${index}.png`);
      await writeFile(file, png);
      const full = await run(file);
      const focused = base === undefined ? full : await run(file, base);
      if (base !== undefined) steps.push(compared(what, full, focused));
      base = {
        previousRunId: `run-${index}`,
        previousImagePath: file,
        previousDetections: [...focused.detections, ...focused.belowThreshold],
      };
    }
    return steps;
  } finally {
    await models.unload();
    await rm(folder, { recursive: true, force: true });
  }
}

function compared(what: string, full: EngineResult, focused: EngineResult): FocusStep {
  const { pairs } = matchDetections(focused.detections, full.detections);
  const all = focused.detections.length + full.detections.length;
  const f1 = (matched: number): number => (all === 0 ? 1 : (2 * matched) / all);
  return {
    what,
    full,
    focused,
    f1: f1(pairs.length),
    f1WithLabel: f1(pairs.filter(({ a, b }) => a.label === b.label).length),
    timeRatio: focused.totalMs / full.totalMs,
  };
}
