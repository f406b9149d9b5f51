import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import type { ErrorCode } from "../../app/contract/index.ts";

/** One odd or broken image file and what Holoscope must make of it: a typed error, or a detection that works. */
export interface OddImage {
  readonly name: string;
  readonly bytes: () => Promise<Buffer> | Buffer;
  readonly expected: readonly ErrorCode[] | "works";
}

const solid = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: "#3a6ea5" } });

const goodPng = (): Promise<Buffer> => solid(64, 48).png().toBuffer();

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "ascii"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

/** A PNG whose header claims a size that its few bytes of data do not have. */
export function pngWithClaimedSize(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(Buffer.alloc(1024))),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

async function damagedPng(): Promise<Buffer> {
  const bytes = await sharp(Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251)), {
    raw: { width: 64, height: 64, channels: 3 },
  })
    .png()
    .toBuffer();
  bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 64);
  return bytes;
}

async function animatedGif(): Promise<Buffer> {
  const frames = Buffer.concat([Buffer.alloc(40 * 40 * 3, 200), Buffer.alloc(40 * 40 * 3, 20)]);
  return sharp(frames, { raw: { width: 40, height: 80, channels: 3, pageHeight: 40 } })
    .gif({ delay: [100, 100] })
    .toBuffer();
}

const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="9" height="9"/></svg>',
);

export const oddImages: readonly OddImage[] = [
  { name: "empty file", bytes: () => Buffer.alloc(0), expected: ["IMAGE_EMPTY"] },
  { name: "one byte", bytes: () => Buffer.from([0x89]), expected: ["IMAGE_FORMAT", "IMAGE_UNREADABLE"] },
  {
    name: "PNG cut in its header",
    bytes: async () => (await goodPng()).subarray(0, 20),
    expected: ["IMAGE_UNREADABLE", "IMAGE_FORMAT"],
  },
  {
    name: "PNG cut in its data",
    bytes: async () => (await damagedPng()).subarray(0, 300),
    expected: ["IMAGE_UNREADABLE"],
  },
  { name: "PNG with damaged data", bytes: damagedPng, expected: ["IMAGE_UNREADABLE"] },
  {
    name: "JPEG cut in half",
    bytes: async () => {
      const jpeg = await solid(400, 300).jpeg().toBuffer();
      return jpeg.subarray(0, jpeg.length / 2);
    },
    expected: ["IMAGE_UNREADABLE"],
  },
  {
    name: "wrong magic",
    bytes: async () => {
      const png = Buffer.from(await goodPng());
      png.write("XXXX", 0);
      return png;
    },
    expected: ["IMAGE_FORMAT", "IMAGE_UNREADABLE"],
  },
  {
    name: "text called an image",
    bytes: () => Buffer.from("hello, this is no image at all\n".repeat(20)),
    expected: ["IMAGE_FORMAT", "IMAGE_UNREADABLE"],
  },
  { name: "50,000 x 50,000 header", bytes: () => pngWithClaimedSize(50_000, 50_000), expected: ["IMAGE_TOO_LARGE"] },
  { name: "just over 64 megapixels", bytes: () => pngWithClaimedSize(8_001, 8_001), expected: ["IMAGE_TOO_LARGE"] },
  { name: "zero width", bytes: () => pngWithClaimedSize(0, 10), expected: ["IMAGE_UNREADABLE", "IMAGE_FORMAT"] },
  { name: "over 64 MiB of bytes", bytes: () => Buffer.alloc(64 * 1024 * 1024 + 1, 1), expected: ["IMAGE_TOO_LARGE"] },
  { name: "SVG", bytes: () => svg, expected: ["IMAGE_FORMAT"] },
  { name: "TIFF", bytes: () => solid(16, 16).tiff().toBuffer(), expected: ["IMAGE_FORMAT"] },
  { name: "animated GIF", bytes: animatedGif, expected: "works" },
  { name: "CMYK JPEG", bytes: () => solid(120, 90).toColourspace("cmyk").jpeg().toBuffer(), expected: "works" },
  { name: "16-bit PNG", bytes: () => solid(120, 90).toColourspace("rgb16").png().toBuffer(), expected: "works" },
  {
    name: "greyscale PNG with alpha",
    bytes: () => solid(120, 90).greyscale().ensureAlpha(0.5).png().toBuffer(),
    expected: "works",
  },
  {
    name: "EXIF-rotated JPEG",
    bytes: () => solid(120, 90).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    expected: "works",
  },
  { name: "1 x 1", bytes: () => solid(1, 1).png().toBuffer(), expected: "works" },
  { name: "one pixel high", bytes: () => solid(3000, 1).png().toBuffer(), expected: "works" },
];
