import type { DetectSettings, Size } from "../contract/index.ts";
import { type SizingRule, smartResize } from "./geometry.ts";
import { checkImage, decodeImage, type RgbImage, readImageFile } from "./image/decode.ts";
import type { LoadedPair } from "./models.ts";
import type { AheadImage } from "./prefetch.ts";
import { hashOf, type SeenImage } from "./seen-images.ts";

/** How a run may use what earlier runs left in the session, and what it leaves. */
export interface ImageReuse {
  readonly imageKey: string;
  readonly keepMegabytes: number;
}

/** The image of a detection. */
export interface SourceImage {
  readonly seen: SeenImage;
  /** px that the vision encoder receives. */
  readonly input: Size;
  /** Absent if the session keeps the image, so that no pixels are needed. */
  readonly pixels?: RgbImage;
  /** The input's pixels where they were, or are being, made ahead; then `pixels` are absent too. */
  readonly ahead?: { readonly decodeMs: number; readonly resized: AheadImage["resized"] };
  /** Absent if nothing may be reused or kept. */
  readonly reuse?: ImageReuse;
}

/**
 * Reads an image file; decodes it unless it may be reused and the session keeps it. Errors: as openImage() and
 * decodeImage().
 */
export async function openSource(
  pair: LoadedPair,
  settings: DetectSettings,
  path: string,
  mayReuse: boolean,
  ahead?: AheadImage,
): Promise<SourceImage> {
  if (ahead !== undefined) {
    const source = await openAhead(pair, settings, mayReuse, ahead);
    if (source !== undefined) return source;
  }
  const bytes = await readImageFile(path);
  if (!mayReuse) return decoded(pair, settings, bytes, "");
  const hash = hashOf(bytes);
  const seen = pair.seen.get(hash);
  if (seen !== undefined) {
    const input = inputSize(pair.traits.sizing, settings, seen);
    const reuse = reuseOf(settings, hash, input);
    if (pair.session.keeps(reuse.imageKey)) return { seen, input, reuse };
  }
  const source = await decoded(pair, settings, bytes, hash);
  pair.seen.add(source.seen);
  return { ...source, reuse: reuseOf(settings, hash, source.input) };
}

/** undefined if it failed, so that the file is opened again and the error reported, or if its size is not the one needed. */
async function openAhead(
  pair: LoadedPair,
  settings: DetectSettings,
  mayReuse: boolean,
  { opened, resized }: AheadImage,
): Promise<SourceImage | undefined> {
  const file = await opened.catch(() => undefined);
  if (file === undefined) return undefined;
  const { seen } = file;
  const input = inputSize(pair.traits.sizing, settings, seen);
  if (input.width !== file.input.width || input.height !== file.input.height) return undefined;
  const source = { seen, input, ahead: { decodeMs: file.ms, resized } };
  if (!mayReuse) return source;
  pair.seen.add(seen);
  const reuse = reuseOf(settings, seen.hash, input);
  return pair.session.keeps(reuse.imageKey) ? { seen, input, reuse } : { ...source, reuse };
}

async function decoded(pair: LoadedPair, settings: DetectSettings, bytes: Buffer, hash: string) {
  const file = await checkImage(bytes);
  const pixels = await decodeImage(file);
  const { width, height } = pixels;
  const seen = { hash, width, height, frames: file.probe.frames };
  return { seen, input: inputSize(pair.traits.sizing, settings, pixels), pixels };
}

/** px of the model's input for an image of this size. */
export function inputSize(sizing: SizingRule, settings: DetectSettings, image: Size): Size {
  const maxTokens = Math.max(sizing.minTokens, Math.min(sizing.maxTokens, settings.maxImageTokens));
  return smartResize(image, { ...sizing, maxTokens });
}

/** Pair and flash attention are the session's own: what decides the embeddings beside them is in the key. */
function reuseOf(settings: DetectSettings, hash: string, { width, height }: Size): ImageReuse {
  const { vit, cpuAttention, reuseBudgetMb } = settings;
  return { imageKey: `${hash} ${width}x${height} ${vit} ${cpuAttention}`, keepMegabytes: reuseBudgetMb };
}
