import path from "node:path";
import sharp from "sharp";
import { imageTokens, type SizingRule } from "../../app/engine/geometry.ts";

export interface BenchImage {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Copies of a screenshot that differ in one pixel each, as PNG files: the same work, but nothing that a side kept of one
 * fits another.
 */
export class ImageCopies {
  readonly #source: { readonly rgb: Buffer; readonly width: number; readonly height: number };
  readonly #folder: string;
  readonly #stem: string;
  #count = 0;

  private constructor(source: { rgb: Buffer; width: number; height: number }, folder: string, stem: string) {
    this.#source = source;
    this.#folder = folder;
    this.#stem = stem;
  }

  /** @param size px to stretch the image to; its own if left out */
  static async of(
    image: string,
    folder: string,
    stem: string,
    size?: { readonly width: number; readonly height: number },
  ): Promise<ImageCopies> {
    const picture = sharp(image).rotate().removeAlpha().toColourspace("srgb");
    if (size !== undefined) picture.resize(size.width, size.height, { fit: "fill" });
    const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
    return new ImageCopies({ rgb: data, width: info.width, height: info.height }, folder, stem);
  }

  async next(): Promise<BenchImage> {
    const { rgb, width, height } = this.#source;
    const at = this.#count++;
    const copy = Buffer.from(rgb);
    // The top left pixel counts: red and green hold the copy's number.
    copy[0] = at & 0xff;
    copy[1] = (at >> 8) & 0xff;
    copy[2] = (rgb[2] ?? 0) ^ 0xff;
    const file = path.join(this.#folder, `${this.#stem}-${at}.png`);
    await sharp(copy, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
    return { file, width, height };
  }

  async many(count: number): Promise<BenchImage[]> {
    const images: BenchImage[] = [];
    while (images.length < count) images.push(await this.next());
    return images;
  }
}

/** Image tokens of the steps at which growth is measured. */
const growthTokens = [256, 512, 1024, 2048, 4096] as const;

export interface GrowthStep {
  readonly imageTokens: number;
  /** px; multiples of the model's factor, so that no side resizes */
  readonly width: number;
  readonly height: number;
}

/**
 * Sizes of a 16:9 screen from 256 image tokens up to 4096, as far as the model allows; the model's own limit is the last
 * step where it lies between two.
 */
export function growthSteps(rule: SizingRule): GrowthStep[] {
  const within = growthTokens.filter((tokens) => tokens <= rule.maxTokens && tokens >= rule.minTokens);
  const next = growthTokens.find((tokens) => tokens > rule.maxTokens);
  const largest = within.at(-1) ?? 0;
  const targets = next !== undefined && rule.maxTokens > 1.2 * largest ? [...within, rule.maxTokens] : within;
  return targets.map((target) => {
    const rows = Math.max(1, Math.round(Math.sqrt((target * 9) / 16)));
    const size = { width: Math.floor(target / rows) * rule.factor, height: rows * rule.factor };
    return { ...size, imageTokens: imageTokens(size, rule.factor) };
  });
}
