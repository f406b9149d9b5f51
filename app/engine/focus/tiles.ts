import { extent } from "d3-array";
import type { BBox, Size } from "../../contract/index.ts";
import type { RgbImage } from "../image/decode.ts";

/** Side of a tile, px; tiles at the right and lower edge may be cut. */
export const tileSize = 32;

/** Which tiles of two images of one size differ. */
export interface TileMap {
  readonly columns: number;
  readonly rows: number;
  /** Row by row; 1 = changed. */
  readonly changed: Uint8Array;
  readonly count: number;
}

/**
 * Compares two images of the same size exactly: a tile with one different byte has changed. With a tolerance, small
 * differences could add up unnoticed from one run to the next.
 */
export function compareTiles(before: RgbImage, after: RgbImage): TileMap {
  const { width, height } = after;
  const columns = Math.ceil(width / tileSize);
  const rows = Math.ceil(height / tileSize);
  const changed = new Uint8Array(columns * rows);
  const [old, now] = [bytesOf(before), bytesOf(after)];
  for (let y = 0; y < height; y++) {
    const start = y * width * 3;
    const end = start + width * 3;
    if (now.compare(old, start, end, start, end) === 0) continue;
    const row = Math.floor(y / tileSize) * columns;
    for (let column = 0; column < columns; column++) {
      if (changed[row + column] === 1) continue;
      const from = start + column * tileSize * 3;
      const to = Math.min(end, from + tileSize * 3);
      if (now.compare(old, from, to, from, to) !== 0) changed[row + column] = 1;
    }
  }
  return { columns, rows, changed, count: changed.reduce((sum, one) => sum + one, 0) };
}

/** The smallest box around all changed tiles, px, cut to the image; undefined if none changed. */
export function changedBounds(tiles: TileMap, size: Size): BBox | undefined {
  const at = [...tiles.changed.keys()].filter((index) => tiles.changed[index] === 1);
  const [left, right] = extent(at, (index) => index % tiles.columns);
  const [top, bottom] = extent(at, (index) => Math.floor(index / tiles.columns));
  if (left === undefined || top === undefined) return undefined;
  const [width, height] = [(right + 1) * tileSize, (bottom + 1) * tileSize];
  return [left * tileSize, top * tileSize, Math.min(size.width, width), Math.min(size.height, height)];
}

/** Whether a box (px) has any area in a changed tile. */
export function meetsChange(tiles: TileMap, [x1, y1, x2, y2]: BBox): boolean {
  const lastColumn = Math.min(tiles.columns, Math.ceil(x2 / tileSize));
  const lastRow = Math.min(tiles.rows, Math.ceil(y2 / tileSize));
  for (let row = Math.max(0, Math.floor(y1 / tileSize)); row < lastRow; row++) {
    for (let column = Math.max(0, Math.floor(x1 / tileSize)); column < lastColumn; column++) {
      if (tiles.changed[row * tiles.columns + column] === 1) return true;
    }
  }
  return false;
}

const bytesOf = ({ rgb }: RgbImage): Buffer => Buffer.from(rgb.buffer, rgb.byteOffset, rgb.byteLength);
