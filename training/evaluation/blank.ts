import sharp, { type Sharp } from "sharp";
import type { Random } from "../pages/random.ts";

const sizes = [
  [1280, 736],
  [1280, 800],
  [1920, 1080],
  [1366, 768],
  [1024, 768],
  [800, 600],
  [414, 896],
  [640, 360],
  [320, 240],
] as const;

const colour = (random: Random) => ({ r: random.int(0, 255), g: random.int(0, 255), b: random.int(0, 255) });

/** Random pixels: each alone or as squares of up to 64 px, in colours, greys, or black and white, at times blurred. */
export function noiseImage(random: Random): Sharp {
  const [width, height] = random.pick(sizes);
  const block = random.pick([1, 1, 2, 4, 16, 64]);
  const channels = random.pick([1, 3] as const);
  const columns = Math.ceil(width / block);
  const rows = Math.ceil(height / block);
  const hard = random.chance(0.2);
  const pixels = Uint8Array.from({ length: columns * rows * channels }, () => {
    const value = random.int(0, 255);
    return hard ? (value < 128 ? 0 : 255) : value;
  });
  const drawn = sharp(pixels, { raw: { width: columns, height: rows, channels } }).resize(width, height, {
    kernel: random.pick(["nearest", "cubic"]),
    fit: "fill",
  });
  return random.chance(0.2) ? drawn.blur(random.int(1, 12)) : drawn;
}

/** A screen with nothing on it: one colour, or a gradient between two. */
export function emptyScreen(random: Random): Sharp {
  const [width, height] = random.pick(sizes);
  const [from, to] = [colour(random), colour(random)];
  if (random.chance(0.5)) return sharp({ create: { width, height, channels: 3, background: from } });
  const pixels = Uint8Array.of(from.r, from.g, from.b, to.r, to.g, to.b);
  const shape = random.chance(0.5) ? { width: 2, height: 1 } : { width: 1, height: 2 };
  return sharp(pixels, { raw: { ...shape, channels: 3 } }).resize(width, height, { kernel: "linear", fit: "fill" });
}
