import { type FileHandle, open } from "node:fs/promises";
import sharp from "sharp";
import { defined, HoloscopeError, type ImageFormat, imageLimits, type Probe, type Size } from "../../contract/index.ts";
import { formatBytes } from "../../presentation/numbers.ts";
import { sniffFormat } from "./formats.ts";

// Only the decoders of the supported formats are reachable, whatever a file claims to be.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: [
    "VipsForeignLoadPng",
    "VipsForeignLoadJpeg",
    "VipsForeignLoadWebp",
    "VipsForeignLoadNsgif",
    "VipsForeignLoadHeif",
  ],
});
// Every image is decoded once; cached operations would only hold memory.
sharp.cache(false);

/** Row-major RGB, 8 bits a channel, `width * height * 3` bytes. */
export interface RgbImage extends Size {
  readonly rgb: Uint8Array;
}

/** An image that may stand without its pixels, where only its size counts. */
export type Picture = RgbImage | (Size & { readonly rgb?: undefined });

/** The bytes of an image file, checked by its header but not decoded. */
export interface ImageFile {
  readonly bytes: Buffer;
  readonly probe: Probe;
}

const supportedNames = "Use PNG, JPEG, WebP, GIF or AVIF.";

/**
 * Reads an image file and checks it by its header alone.
 * Errors: FILE_MISSING, IMAGE_EMPTY, IMAGE_FORMAT, IMAGE_TOO_LARGE (bytes or pixels), IMAGE_UNREADABLE.
 */
export async function openImage(path: string): Promise<ImageFile> {
  const bytes = await readImageFile(path);
  return { bytes, probe: await probe(bytes, checkFormat(bytes)) };
}

/**
 * Decodes to 8-bit sRGB: EXIF orientation applied, an embedded colour profile converted, greyscale and palette expanded,
 * CMYK converted, 16 bits reduced to 8, transparency laid over white, and of an animation only the first frame.
 * A damaged or cut file is an error, not a half-grey picture. Errors: IMAGE_UNREADABLE.
 */
export async function decodeImage(file: ImageFile): Promise<RgbImage> {
  // More threads gain nothing here and would take cores from a detection that runs beside it.
  sharp.concurrency(1);
  const { data, info } = await reading(() =>
    sharp(file.bytes, { failOn: "error", limitInputPixels: imageLimits.maxPixels, pages: 1 })
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true }),
  );
  if (info.channels !== 3) throw unreadable(`decoded to ${info.channels} channels`);
  return { rgb: data, width: info.width, height: info.height };
}

/** The bytes of an image file, unchecked. Errors: FILE_MISSING, IMAGE_EMPTY, IMAGE_TOO_LARGE. */
async function readImageFile(path: string): Promise<Buffer> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw new HoloscopeError(
      "FILE_MISSING",
      "The image file cannot be read.",
      "Check that it still exists and that you may read it.",
      String(error),
    );
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new HoloscopeError("FILE_MISSING", "The image is not a file.", "Choose an image file.");
    if (stats.size === 0) throw new HoloscopeError("IMAGE_EMPTY", "The image file is empty.", "Save the image again.");
    if (stats.size > imageLimits.maxBytes) {
      throw new HoloscopeError(
        "IMAGE_TOO_LARGE",
        `The image file has ${formatBytes(stats.size)}; the limit is ${formatBytes(imageLimits.maxBytes)}.`,
        "Save it as PNG or JPEG, or crop it.",
      );
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function checkFormat(bytes: Buffer): ImageFormat {
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind === "supported") return sniffed.format;
  if (sniffed.kind === "unsupported") {
    throw new HoloscopeError("IMAGE_FORMAT", `${sniffed.name} files are not supported.`, supportedNames);
  }
  throw new HoloscopeError("IMAGE_UNREADABLE", "The file is not an image that Holoscope knows.", supportedNames);
}

async function probe(bytes: Buffer, format: ImageFormat): Promise<Probe> {
  // The pixel limit is checked here, so that the message can name the size; nothing is decoded yet.
  const header = await reading(() => sharp(bytes, { failOn: "error", limitInputPixels: false, pages: 1 }).metadata());
  const { width, height } = header.autoOrient;
  const frames = header.pages ?? 1;
  if (width * height > imageLimits.maxPixels) {
    throw new HoloscopeError(
      "IMAGE_TOO_LARGE",
      `The image has ${width} x ${height} pixels; the limit is ${imageLimits.maxPixels / 1e6} megapixels.`,
      "Crop it or make it smaller.",
    );
  }
  const turned = (header.orientation ?? 1) !== 1;
  return { width, height, format, frames, turned, ...defined({ density: header.density }) };
}

/** Turns what libvips says about a broken file into IMAGE_UNREADABLE. */
async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

function unreadable(detail: string): HoloscopeError {
  return new HoloscopeError(
    "IMAGE_UNREADABLE",
    "The image is damaged or incomplete.",
    "Open it in an image viewer and save it again, or take the screenshot again.",
    detail,
  );
}
