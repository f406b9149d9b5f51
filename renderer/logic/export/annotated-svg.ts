import type { Detection, RunRecord } from "../../../app/contract/index.ts";
import { elementColor } from "../../../app/presentation/labels.ts";
import {
  layOutOverlay,
  type OverlayTag,
  overlayBoxes,
  plainGround,
  tagFont,
} from "../../../app/presentation/overlay.ts";
import { roundPx } from "../../../app/presentation/units.ts";
import { provenance } from "../provenance.ts";
import { xmlText } from "./escape.ts";

/**
 * The screenshot with boxes and tags as one self-contained SVG at full size, laid out as the PNG is.
 * @param imageUrl data URL of the screenshot; without it the boxes lie on a plain ground.
 */
export function annotatedSvg(run: RunRecord, imageUrl: string | undefined): string {
  const { width, height, name } = run.image;
  const { line, unit, tags } = layOutOverlay(overlayBoxes(run.detections), run.image);
  const picture =
    imageUrl === undefined
      ? `<rect width="${width}" height="${height}" fill="${plainGround}"/>`
      : `<image width="${width}" height="${height}" href="${xmlText(imageUrl)}"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${xmlText(`${name ?? "Screenshot"}: ${run.detections.length} elements`)}</title>`,
    `<desc>${xmlText(provenance(run))}</desc>`,
    picture,
    ...run.detections.map((detection) => boxMarkup(detection, line)),
    ...tags.map((tag) => tagMarkup(tag, unit)),
    "</svg>\n",
  ].join("\n");
}

/** The box in its colour on a white edge, which tells it from any background. */
function boxMarkup(detection: Detection, line: number): string {
  const { id, confidence, bbox, point } = detection;
  const [x1, y1, x2, y2] = bbox;
  const color = elementColor(detection);
  const at = `x="${roundPx(x1)}" y="${roundPx(y1)}" width="${roundPx(Math.max(0, x2 - x1))}" height="${roundPx(Math.max(0, y2 - y1))}"`;
  const dot =
    point === undefined
      ? ""
      : `<circle cx="${roundPx(point[0])}" cy="${roundPx(point[1])}" r="${line * 3.5}" fill="${color}" stroke="#fff" stroke-width="${line}"/>`;
  return (
    `<g data-element="${xmlText(id)}" data-confidence="${confidence}" fill="none">` +
    `<rect ${at} stroke="#fff" stroke-opacity="0.75" stroke-width="${line * 2}"/>` +
    `<rect ${at} stroke="${color}" stroke-width="${line}"/>${dot}</g>`
  );
}

/** In a font of the viewer's machine, stretched to the place that the layout gave the letters. */
function tagMarkup({ area: [x1, y1, x2, y2], textAt: [x, y], text, color, ink }: OverlayTag, unit: number): string {
  const letters = `textLength="${([...text].length * tagFont.advance - 1) * unit}" lengthAdjust="spacingAndGlyphs"`;
  const font = `font-family="ui-monospace, 'DejaVu Sans Mono', monospace" font-size="${10 * unit}"`;
  return (
    `<g><rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" fill="${color}"/>` +
    `<text x="${x}" y="${y + 7 * unit}" fill="${ink}" ${font} ${letters}>${xmlText(text)}</text></g>`
  );
}
