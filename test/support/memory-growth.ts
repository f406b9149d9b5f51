import { writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import type { RunRecord } from "../../app/contract/index.ts";
import { createRandom } from "./gguf/random.ts";
import { localResult } from "./local-result.ts";
import type { RealHost } from "./real-host.ts";
import { samplePath } from "./repository.ts";

/** Memory after one of the detections, bytes. */
export interface MemoryReading {
  /** Resident memory of the engine process. */
  readonly engine: number;
  /** Resident memory of the process that runs the host, and here the measurement too. */
  readonly host: number;
  /** What the engine keeps of earlier images. */
  readonly kept: number;
  /** px of the model's input. */
  readonly input: { readonly width: number; readonly height: number };
}

export interface MemoryGrowthOptions {
  readonly count: number;
  /** Largest input of the model; the first screen has it, so that the largest buffers are there from then on. */
  readonly maxImageTokens: number;
  /** MiB for what is kept of earlier images. */
  readonly reuseBudgetMb: number;
  readonly onReading?: (reading: MemoryReading, index: number) => void;
}

/** px; the first is the largest, the others are drawn between a third of it and all of it, side by side. */
const largest = { width: 1280, height: 736 };

/**
 * Makes detections one after the other on screens of changing sizes and contents, as a user who works for hours does, and
 * reads the memory after each. Throws for a detection that fails.
 */
export async function measureMemoryGrowth(real: RealHost, options: MemoryGrowthOptions): Promise<MemoryReading[]> {
  const { count, maxImageTokens, reuseBudgetMb, onReading } = options;
  const random = createRandom(7);
  const side = (length: number): number => Math.round(length * (1 / 3 + (2 / 3) * random()));
  const readings: MemoryReading[] = [];
  for (let index = 0; index < count; index++) {
    const size = index === 0 ? largest : { width: side(largest.width), height: side(largest.height) };
    const file = path.join(real.dataFolder, "screen.png");
    await writeFile(file, await screen(size, index));
    const { id: imageId } = await real.host.call("images.addPath", { path: file });
    const run = await real.run({ imageId, backend: "cpu", overrides: { maxImageTokens, reuseBudgetMb } });
    const reading = readingOf(run);
    readings.push(reading);
    onReading?.(reading, index);
  }
  return readings;
}

/** The sample, cut to a size and marked with its number, so that no two are the same image. */
function screen({ width, height }: { readonly width: number; readonly height: number }, index: number) {
  const mark = { r: index & 0xff, g: (index >> 8) & 0xff, b: 128 };
  return sharp(samplePath("settings"))
    .resize(width, height, { fit: "fill" })
    .composite([{ input: { create: { width: 8, height: 8, channels: 3, background: mark } }, left: 0, top: 0 }])
    .png({ compressionLevel: 1 })
    .toBuffer();
}

function readingOf(run: RunRecord): MemoryReading {
  const { memory, input } = localResult(run.result);
  return {
    engine: memory.residentBytes,
    host: process.memoryUsage.rss(),
    kept: memory.keptImages ?? 0,
    input,
  };
}
