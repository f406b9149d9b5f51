import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

/**
 * Makes the icon files from resources/icons/icon.svg: `npx tsx test/support/make-icons.ts`. Run after changing the
 * drawing; the results are committed, because electron-builder would download a toolset to convert them itself.
 */
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "resources", "icons");

/** Sizes in px of the single PNGs, which Linux installs by size. */
const linuxSizes = [16, 32, 48, 64, 128, 256, 512] as const;
/** Sizes in px within the Windows icon. */
const windowsSizes = [16, 24, 32, 48, 64, 128, 256] as const;
/** Entries of Apple's icon file that hold PNG: type code and size in px ("ic11" is 16 pt at scale 2, and so on). */
const appleEntries = [
  ["icp4", 16],
  ["icp5", 32],
  ["ic11", 32],
  ["ic12", 64],
  ["ic07", 128],
  ["ic13", 256],
  ["ic08", 256],
  ["ic14", 512],
  ["ic09", 512],
  ["ic10", 1024],
] as const;

const drawing = readFileSync(path.join(folder, "icon.svg"));
const rendered = new Map<number, Buffer>();

async function png(size: number): Promise<Buffer> {
  const known = rendered.get(size);
  if (known !== undefined) return known;
  const bytes = await sharp(drawing, { density: (72 * size) / 1024 })
    .resize(size, size)
    .png({ compressionLevel: 9, palette: true, quality: 100, effort: 10 })
    .toBuffer();
  rendered.set(size, bytes);
  return bytes;
}

/** ICO: a 6-byte header, a 16-byte entry for each image, then the images (PNG is allowed since Windows Vista). */
async function ico(sizes: readonly number[]): Promise<Buffer> {
  const images = await Promise.all(sizes.map(png));
  const header = Buffer.alloc(6 + 16 * images.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(images.length, 4);
  let offset = header.length;
  images.forEach((image, index) => {
    const entry = 6 + 16 * index;
    const side = sizes[index] ?? 0;
    // One byte holds the side; 0 stands for 256.
    header.writeUInt8(side % 256, entry);
    header.writeUInt8(side % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(image.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += image.length;
  });
  return Buffer.concat([header, ...images]);
}

/** ICNS: "icns" and the file's length, then for each entry its type, its length with this head, and the PNG. */
async function icns(entries: readonly (readonly [string, number])[]): Promise<Buffer> {
  const parts = await Promise.all(
    entries.map(async ([type, size]) => {
      const image = await png(size);
      const head = Buffer.alloc(8);
      head.write(type, "ascii");
      head.writeUInt32BE(8 + image.length, 4);
      return Buffer.concat([head, image]);
    }),
  );
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.write("icns", "ascii");
  head.writeUInt32BE(8 + body.length, 4);
  return Buffer.concat([head, body]);
}

mkdirSync(path.join(folder, "png"), { recursive: true });
for (const size of linuxSizes) writeFileSync(path.join(folder, "png", `${size}x${size}.png`), await png(size));
writeFileSync(path.join(folder, "icon.ico"), await ico(windowsSizes));
writeFileSync(path.join(folder, "icon.icns"), await icns(appleEntries));
