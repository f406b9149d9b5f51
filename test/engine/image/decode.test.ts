import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HoloscopeError, imageLimits } from "../../../app/contract/index.ts";
import { decodeImage, openImage, type RgbImage } from "../../../app/engine/image/decode.ts";
import { sniffFormat } from "../../../app/engine/image/formats.ts";
import { drawOverlay } from "../../../app/engine/overlay/draw.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holoscope-decode-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

let files = 0;
async function store(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `image-${files++}`);
  await writeFile(path, bytes);
  return path;
}

async function decode(bytes: Uint8Array): Promise<RgbImage> {
  return decodeImage(await openImage(await store(bytes)));
}

async function failure(work: Promise<unknown>): Promise<HoloscopeError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HoloscopeError) return error;
  throw new Error(`expected a HoloscopeError, got ${String(error)}`);
}

function pixel(image: RgbImage, x: number, y: number): number[] {
  const at = (y * image.width + x) * 3;
  return [...image.rgb.subarray(at, at + 3)];
}

/** Largest difference of any channel. */
function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? Number.NaN))));
}

const orange = { r: 200, g: 100, b: 40 };
const solid = (width = 24, height = 16) => sharp({ create: { width, height, channels: 3, background: orange } });

/** A picture with a red left half and a blue right half. */
async function halves(): Promise<Sharp> {
  const red = await sharp({ create: { width: 10, height: 20, channels: 3, background: "#ff0000" } })
    .png()
    .toBuffer();
  return sharp({ create: { width: 20, height: 20, channels: 3, background: "#0000ff" } }).composite([
    { input: red, left: 0, top: 0 },
  ]);
}

/** A PNG that claims any size, with a valid header checksum and a pixel row too few. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", Buffer.from([0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01])),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

describe("decodeImage", () => {
  it.each([
    ["PNG", () => solid().png().toBuffer(), 0],
    ["JPEG", () => solid().jpeg({ quality: 100 }).toBuffer(), 3],
    ["WebP", () => solid().webp({ lossless: true }).toBuffer(), 0],
    ["AVIF", () => solid().avif({ quality: 95 }).toBuffer(), 6],
    ["GIF", () => solid().gif().toBuffer(), 2],
    ["16-bit PNG", () => solid().toColourspace("rgb16").png().toBuffer(), 1],
    ["palette PNG", () => solid().png({ palette: true }).toBuffer(), 2],
    ["CMYK JPEG", () => solid().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(), 60],
  ])("turns a %s into 8-bit sRGB", async (_name, make, tolerance) => {
    const image = await decode(await make());
    expect([image.width, image.height, image.rgb.length]).toEqual([24, 16, 24 * 16 * 3]);
    expect(distance(pixel(image, 12, 8), [200, 100, 40])).toBeLessThanOrEqual(tolerance);
  });

  it("expands greyscale", async () => {
    const grey = await sharp({ create: { width: 4, height: 4, channels: 3, background: "#808080" } })
      .toColourspace("b-w")
      .png()
      .toBuffer();
    expect(pixel(await decode(grey), 1, 1)).toEqual([128, 128, 128]);
  });

  it("lays transparency over white", async () => {
    const clear = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect(pixel(await decode(clear), 2, 2)).toEqual([255, 255, 255]);
  });

  it("applies EXIF orientation", async () => {
    // Orientation 6: the stored picture is to be turned clockwise, so its left half comes to lie on top.
    const turned = await (await halves())
      .resize(40, 20, { fit: "fill" })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const file = await openImage(await store(turned));
    expect(file.probe).toEqual({ width: 20, height: 40, format: "png", frames: 1, turned: true });
    const image = await decodeImage(file);
    expect([image.width, image.height]).toEqual([20, 40]);
    expect(pixel(image, 10, 4)).toEqual([255, 0, 0]);
    expect(pixel(image, 10, 36)).toEqual([0, 0, 255]);
  });

  it.each(["png", "jpeg", "webp", "avif"] as const)(
    "has a %s file with EXIF orientation drawn upright",
    async (format) => {
      const turned = await (await halves())
        .resize(40, 20, { fit: "fill" })
        .withMetadata({ orientation: 6 })
        .toFormat(format);
      const path = await store(await turned.toBuffer());
      const { probe } = await openImage(path);
      // AVIF's own rotation is part of its decoding, in browsers too.
      expect(probe).toMatchObject({ width: 20, height: 40, turned: format !== "avif" });
      const drawn = await drawOverlay(path, []);
      expect((await sharp(drawn).metadata()).orientation ?? 1).toBe(1);
      const { data, info } = await sharp(drawn).raw().toBuffer({ resolveWithObject: true });
      const shown = { rgb: data, width: info.width, height: info.height };
      expect([shown.width, shown.height]).toEqual([20, 40]);
      const [top = [], bottom = []] = [pixel(shown, 10, 4), pixel(shown, 10, 36)];
      expect(top[0]).toBeGreaterThan(200);
      expect(bottom[2]).toBeGreaterThan(200);
    },
  );

  it("knows the density that a file says, in px per inch", async () => {
    const density = async (picture: Sharp) => (await openImage(await store(await picture.toBuffer()))).probe.density;
    expect(await density((await halves()).withMetadata({ density: 144 }).png())).toBe(144);
    expect(await density((await halves()).webp())).toBeUndefined();
  });

  it("takes the first frame of an animation and counts the frames", async () => {
    const frames = Buffer.concat([Buffer.alloc(8 * 8 * 3, 255), Buffer.alloc(8 * 8 * 3, 0)]);
    const animated = await sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
      .gif({ delay: [100, 100] })
      .toBuffer();
    const file = await openImage(await store(animated));
    expect(file.probe).toEqual({ width: 8, height: 8, format: "gif", frames: 2, turned: false });
    const image = await decodeImage(file);
    expect([image.width, image.height]).toEqual([8, 8]);
    expect(pixel(image, 4, 4)).toEqual([255, 255, 255]);
  });

  it("decodes 1 x 1", async () => {
    expect(pixel(await decode(await solid(1, 1).png().toBuffer()), 0, 0)).toEqual([200, 100, 40]);
  });

  it.each([
    ["PNG", () => solid(200, 200).png()],
    ["JPEG", () => solid(200, 200).jpeg()],
    ["WebP", () => solid(200, 200).webp()],
    ["GIF", () => solid(200, 200).gif()],
    ["AVIF", () => solid(200, 200).avif()],
  ])("refuses a %s cut in the middle", async (_name, make) => {
    const whole = await make().toBuffer();
    expect((await failure(decode(whole.subarray(0, Math.floor(whole.length / 2))))).code).toBe("IMAGE_UNREADABLE");
  });

  it("refuses a PNG without its pixels", async () => {
    expect((await failure(decode(pngHeader(64, 64)))).code).toBe("IMAGE_UNREADABLE");
  });
});

describe("openImage", () => {
  it.each([
    ["an empty file", Buffer.alloc(0), "IMAGE_EMPTY"],
    ["random bytes", Buffer.from("this is no image at all"), "IMAGE_UNREADABLE"],
    ["a PNG with a wrong magic", Buffer.from("\x88PNG\r\n\x1a\n", "latin1"), "IMAGE_UNREADABLE"],
    ["a PNG signature and nothing else", Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "IMAGE_UNREADABLE"],
    ["an SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), "IMAGE_FORMAT"],
    ["an SVG with a prologue", Buffer.from('<?xml version="1.0"?><svg width="9" height="9"/>'), "IMAGE_FORMAT"],
    ["a PDF", Buffer.from("%PDF-1.7\n"), "IMAGE_FORMAT"],
    ["a BMP", Buffer.from("BM\x36\0\0\0\0\0"), "IMAGE_FORMAT"],
    ["a TIFF", Buffer.from("II*\0\x08\0\0\0"), "IMAGE_FORMAT"],
    ["a 50,000 x 50,000 header", pngHeader(50_000, 50_000), "IMAGE_TOO_LARGE"],
  ])("answers %s with a typed error", async (_name, bytes, code) => {
    const error = await failure(openImage(await store(bytes)));
    expect(error.code).toBe(code);
    expect(error.hint).toBeTruthy();
  });

  it("names the size of a refused image, without decoding it", async () => {
    const error = await failure(openImage(await store(pngHeader(50_000, 50_000))));
    expect(error.message).toContain("50000 x 50000");
    // Decoding it would have ended with another code: there are no pixels behind the header.
    expect(error.code).toBe("IMAGE_TOO_LARGE");
  });

  it("refuses a file above the byte limit without reading it", async () => {
    const path = join(folder, "huge.png");
    const handle = await import("node:fs/promises").then((fs) => fs.open(path, "w"));
    await handle.truncate(imageLimits.maxBytes + 1);
    await handle.close();
    expect((await failure(openImage(path))).code).toBe("IMAGE_TOO_LARGE");
  });

  it("answers a missing file and a folder with FILE_MISSING", async () => {
    expect((await failure(openImage(join(folder, "nothing-here.png")))).code).toBe("FILE_MISSING");
    expect((await failure(openImage(folder))).code).toBe("FILE_MISSING");
  });
});

describe("sniffFormat", () => {
  it("tells AVIF from HEIC and from a film", () => {
    const box = (brand: string) => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1miaf`, "latin1");
    expect(sniffFormat(box("avif"))).toEqual({ kind: "supported", format: "avif" });
    expect(sniffFormat(box("heic"))).toEqual({ kind: "unsupported", name: "HEIC" });
    expect(sniffFormat(Buffer.from("\0\0\0\x14ftypisom\0\0\0\0mp42", "latin1"))).toEqual({
      kind: "unsupported",
      name: "video",
    });
  });
});
