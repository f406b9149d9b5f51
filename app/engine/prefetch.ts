import type { DetectSettings, Size } from "../contract/index.ts";
import { now } from "./clock.ts";
import type { SizingRule } from "./geometry.ts";
import { checkImage, decodeImage, type RgbImage, readImageFile } from "./image/decode.ts";
import { resizeExactly } from "./image/resize.ts";
import { hashOf, type SeenImage } from "./seen-images.ts";
import { inputSize } from "./source.ts";

/** An image being prepared while an earlier detection is under way. Its promises reject as the steps they stand for. */
export interface AheadImage {
  readonly opened: Promise<{ readonly seen: SeenImage; readonly input: Size; readonly ms: number }>;
  /** Exactly `input` in size. */
  readonly resized: Promise<{ readonly image: RgbImage; readonly ms: number }>;
}

interface Job extends AheadImage {
  readonly path: string;
  wanted: boolean;
}

/**
 * Prepares the pixels of the image that is detected next: at most one, so that memory holds one decoded image more. The
 * work is done by libvips in threads of its own, beside the model.
 */
export class Prefetcher {
  #job: Job | undefined;

  /**
   * Begins with an image in place of the one before. Resolves when it is ready, has failed (its own detection will say
   * why) or is no longer wanted.
   */
  async start(path: string, sizing: SizingRule, settings: DetectSettings, signal: AbortSignal): Promise<void> {
    this.drop();
    const job = begin(path, sizing, settings);
    this.#job = job;
    const stop = (): void => {
      if (this.#job === job) this.drop();
    };
    signal.addEventListener("abort", stop, { once: true });
    await job.resized.catch(stop);
    signal.removeEventListener("abort", stop);
  }

  /** The image, ready or under way, if it is this file's; it is not kept any longer either way. */
  take(path: string): AheadImage | undefined {
    const job = this.#job;
    this.#job = undefined;
    if (job?.path === path) return job;
    if (job !== undefined) job.wanted = false;
    return undefined;
  }

  /** Forgets the image; a step that has begun is finished, for nothing. */
  drop(): void {
    if (this.#job !== undefined) this.#job.wanted = false;
    this.#job = undefined;
  }
}

function begin(path: string, sizing: SizingRule, settings: DetectSettings): Job {
  const decoded = decode(path);
  const job: Job = {
    path,
    wanted: true,
    opened: decoded.then(({ seen, ms }) => ({ seen, input: inputSize(sizing, settings, seen), ms })),
    resized: decoded.then(async ({ pixels }) => {
      if (!job.wanted) throw new Error("The image is no longer wanted.");
      const start = now();
      const image = await resizeExactly(pixels, inputSize(sizing, settings, pixels));
      return { image, ms: now() - start };
    }),
  };
  // Nobody may be waiting when they fail.
  job.opened.catch(() => {});
  job.resized.catch(() => {});
  return job;
}

async function decode(path: string) {
  const start = now();
  const bytes = await readImageFile(path);
  const file = await checkImage(bytes);
  const pixels = await decodeImage(file);
  const { width, height } = pixels;
  const seen: SeenImage = { hash: hashOf(bytes), width, height, frames: file.probe.frames };
  return { seen, pixels, ms: now() - start };
}
