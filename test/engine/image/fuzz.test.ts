import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HoloscopeError, imageLimits } from "../../../app/contract/index.ts";
import { decodeImage, openImage } from "../../../app/engine/image/decode.ts";
import { fuzzBytes } from "../../support/fuzz.ts";

let folder = "";
let good: Buffer[] = [];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holoscope-fuzz-"));
  const picture = (): Sharp => sharp(noise, { raw: { width: 24, height: 20, channels: 4 } });
  good = await Promise.all(
    [
      picture().png(),
      picture().png({ palette: true, progressive: true }),
      picture().toColourspace("rgb16").png(),
      picture().withMetadata({ orientation: 6, density: 144 }).jpeg(),
      picture().jpeg({ progressive: true }),
      picture().toColourspace("cmyk").jpeg(),
      picture().withMetadata({ orientation: 8 }).webp(),
      picture().webp({ lossless: true }),
      sharp(noise, { raw: { width: 24, height: 20, channels: 4, pageHeight: 10 } }).gif(),
      picture().avif({ effort: 0 }),
    ].map((made) => made.toBuffer()),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const noise = Buffer.from(Array.from({ length: 24 * 20 * 4 }, (_, index) => (index * 7919) % 251));

/** The image, or the typed error that a user gets for it; everything else fails. */
async function outcome(bytes: Buffer): Promise<"decoded" | "refused"> {
  const file = path.join(folder, "image");
  await writeFile(file, bytes);
  try {
    const opened = await openImage(file);
    const { rgb, width, height } = await decodeImage(opened);
    expect(width * height).toBeLessThanOrEqual(imageLimits.maxPixels);
    expect(rgb).toHaveLength(width * height * 3);
    expect({ width, height }).toEqual({ width: opened.probe.width, height: opened.probe.height });
    return "decoded";
  } catch (error) {
    if (!(error instanceof HoloscopeError)) throw error;
    expect(error).toMatchObject({ code: expect.stringMatching(/^IMAGE_/), hint: expect.any(String) });
    return "refused";
  }
}

/** The checksums of a PNG's chunks made right, without which a decoder would look no further. */
function withRightChecksums(png: Buffer): Buffer {
  const fixed = Buffer.from(png);
  for (let at = 8; at + 12 <= fixed.length; ) {
    const end = at + 8 + fixed.readUInt32BE(at);
    if (end + 4 > fixed.length) break;
    fixed.writeUInt32BE(crc32(fixed.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return fixed;
}

describe("a damaged image", () => {
  it("is decoded or refused, whatever was changed", async () => {
    const seen = new Set<string>();
    await fuzzBytes(250, good, async (bytes) => void seen.add(await outcome(bytes)));
    expect([...seen].sort()).toEqual(["decoded", "refused"]);
  });

  it("is decoded or refused where a PNG's checksums fit the damage", async () => {
    await fuzzBytes(150, good.slice(0, 3), async (bytes) => void (await outcome(withRightChecksums(bytes))));
  });
});
