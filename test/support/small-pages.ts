import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";

/** px at scale 1: so small that the bundled detector reads one in a moment. */
export const smallPageSize = { width: 320, height: 192 };

const texts = ["Save", "Open", "Send", "Print", "Close", "Next", "Back", "Copy"];

/**
 * Draws pages of our own with a title, a field and some buttons, each another one, and writes them as page-000.png and on.
 * @param scale image px of a drawn one
 * @returns their paths, in order
 */
export async function drawSmallPages(folder: string, count: number, scale = 1): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (let index = 0; index < count; index++) {
    const file = path.join(folder, `page-${String(index).padStart(3, "0")}.png`);
    await writeFile(
      file,
      await sharp(Buffer.from(pageSvg(index, scale)))
        .png()
        .toBuffer(),
    );
    files.push(file);
  }
  return files;
}

function pageSvg(index: number, scale: number): string {
  const { width, height } = smallPageSize;
  const buttons = Array.from({ length: 1 + (index % 3) }, (_, place) => {
    const [x, y] = [16 + place * 98, 120 + (index % 5) * 6];
    const text = texts[(index + place) % texts.length];
    return `<rect x="${x}" y="${y}" width="86" height="30" rx="5" fill="#2458c5"/><text x="${x + 43}" y="${y + 20}" fill="#fff" font-size="14" text-anchor="middle">${text}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}" height="${height * scale}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">
<rect width="100%" height="100%" fill="#fff"/><text x="16" y="30" font-size="18">Page ${index}</text>
<rect x="16" y="${56 + (index % 7) * 4}" width="${160 + (index % 9) * 12}" height="28" fill="none" stroke="#555"/>${buttons.join("")}</svg>`;
}
