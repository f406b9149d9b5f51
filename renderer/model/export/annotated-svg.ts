import type { RunRecord } from "../../../app/contract/index.ts";
import { inkOnLabel } from "../label-colors.ts";
import { provenance } from "../provenance.ts";
import { type BoxDrawing, exportFont, layOutBoxes } from "./box-drawing.ts";
import { roundPx } from "./csv.ts";
import { xmlText } from "./escape.ts";

/**
 * The screenshot with boxes and tags as one self-contained SVG at full size.
 * @param imageUrl data URL of the screenshot; without it the boxes lie on a plain ground.
 */
export function annotatedSvg(run: RunRecord, imageUrl: string | undefined): string {
  const { width, height, name } = run.image;
  const drawing = layOutBoxes(run.detections, run.image);
  const picture =
    imageUrl === undefined
      ? `<rect width="${width}" height="${height}" fill="#f2f4f7"/>`
      : `<image width="${width}" height="${height}" href="${xmlText(imageUrl)}"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${xmlText(`${name ?? "Screenshot"}: ${run.detections.length} elements`)}</title>`,
    `<desc>${xmlText(provenance(run))}</desc>`,
    picture,
    ...run.detections.map((detection, index) => boxMarkup(drawing, index, detection.id, detection.confidence)),
    ...drawing.boxes.map((_, index) => tagMarkup(drawing, index)),
    "</svg>\n",
  ].join("\n");
}

/** The box in its colour on a white edge, which tells it from any background. */
function boxMarkup(drawing: BoxDrawing, index: number, id: string, confidence: number): string {
  const box = drawing.boxes[index];
  if (box === undefined) return "";
  const at = `x="${roundPx(box.x)}" y="${roundPx(box.y)}" width="${roundPx(box.width)}" height="${roundPx(box.height)}"`;
  const point =
    box.point === undefined
      ? ""
      : `<circle cx="${roundPx(box.point[0])}" cy="${roundPx(box.point[1])}" r="${roundPx(drawing.strokeWidth * 2.5)}" fill="${box.color}" stroke="#fff" stroke-width="${roundPx(drawing.strokeWidth)}"/>`;
  return (
    `<g data-element="${xmlText(id)}" data-confidence="${confidence}" fill="none">` +
    `<rect ${at} stroke="#fff" stroke-opacity="0.75" stroke-width="${roundPx(drawing.strokeWidth * 2)}"/>` +
    `<rect ${at} stroke="${box.color}" stroke-width="${roundPx(drawing.strokeWidth)}"/>${point}</g>`
  );
}

function tagMarkup(drawing: BoxDrawing, index: number): string {
  const box = drawing.boxes[index];
  if (box === undefined) return "";
  const { tag, color } = box;
  const baseline = tag.y + drawing.tagHeight / 2;
  return (
    `<g><rect x="${roundPx(tag.x)}" y="${roundPx(tag.y)}" width="${roundPx(tag.width)}" height="${drawing.tagHeight}" rx="2" fill="${color}"/>` +
    `<text x="${roundPx(tag.x + drawing.tagPadding)}" y="${roundPx(baseline)}" dominant-baseline="central" fill="${inkOnLabel(color)}" font-family="${xmlText(exportFont)}" font-size="${drawing.fontSize}">${xmlText(tag.text)}</text></g>`
  );
}
