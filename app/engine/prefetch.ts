import type { EngineRequest, Size } from "../contract/index.ts";
import { now } from "./clock.ts";
import { inputSize, type SizingRule } from "./geometry.ts";
import { openImage, type RgbImage } from "./image/decode.ts";
import { resizeExactly } from "./image/resize.ts";
import { decodeSeen, type SeenImage } from "./image/seen.ts";

/** An image being prepared while an earlier detection is under way. A promise rejects if its step fails. */
export interface AheadImage {
  readonly opened: Promise<{ readonly seen: SeenImage; readonly input: Size; readonly ms: number }>;
  /** Exactly `input` in size. */
  readonly resized: Promise<{ readonly image: RgbImage; readonly ms: number }>;
}

interface Job extends AheadImage {
  readonly imageId: string;
  wanted: boolean;
}

export type PrefetchCall = Extract<EngineRequest, { type: "prefetch" }>;

/**
 * Prepares the pixels of the image that is detected next: at most one, so that memory holds one more decoded image. The
 * work is done by libvips in threads of its own, beside the model.
 */
export class Prefetcher {
  #job: Job | undefined;

  /**
   * Begins with an image in place of the one before. Resolves when it is ready, has failed (its own detection will say
   * why) or is no longer wanted.
   */
  async start(call: PrefetchCall, sizing: SizingRule, signal: AbortSignal): Promise<void> {
    this.#drop();
    const job = begin(call, sizing);
    this.#job = job;
    const stop = (): void => {
      if (this.#job === job) this.#drop();
    };
    signal.addEventListener("abort", stop, { once: true });
    await job.resized.catch(stop);
    signal.removeEventListener("abort", stop);
  }

  /** The image, ready or under way, if it is this one; either way it is no longer held here. */
  take(imageId: string): AheadImage | undefined {
    const job = this.#job;
    if (job?.imageId !== imageId) this.#drop();
    this.#job = undefined;
    return job?.imageId === imageId ? job : undefined;
  }

  /** Forgets the image. A step that has begun completes; its result is discarded. */
  #drop(): void {
    if (this.#job !== undefined) this.#job.wanted = false;
    this.#job = undefined;
  }
}

function begin({ imageId, imagePath, settings }: PrefetchCall, sizing: SizingRule): Job {
  const start = now();
  const decoded = openImage(imagePath).then(async (file) => {
    const { seen, pixels } = await decodeSeen(file, imageId);
    return { seen, pixels, input: inputSize(seen, sizing, settings.maxImageTokens), ms: now() - start };
  });
  const job: Job = {
    imageId,
    wanted: true,
    opened: decoded.then(({ seen, input, ms }) => ({ seen, input, ms })),
    resized: decoded.then(async ({ pixels, input }) => {
      if (!job.wanted) throw new Error("The image is no longer wanted.");
      const start = now();
      const image = await resizeExactly(pixels, input);
      return { image, ms: now() - start };
    }),
  };
  // Nobody may be waiting when they fail.
  job.opened.catch(() => {});
  job.resized.catch(() => {});
  return job;
}
