import type { RunRecord } from "../../../app/contract/index.ts";
import { inkOnLabel } from "../label-colors.ts";
import { exportFont, layOutBoxes } from "./box-drawing.ts";

/** What is used of a canvas' 2-D context, so that a test can watch what is painted. */
export type Painter = Pick<
  CanvasRenderingContext2D,
  | "fillStyle"
  | "strokeStyle"
  | "lineWidth"
  | "font"
  | "textBaseline"
  | "fillRect"
  | "strokeRect"
  | "fillText"
  | "measureText"
  | "beginPath"
  | "arc"
  | "fill"
  | "stroke"
>;

/** Paints boxes and tags over a screenshot that is already on the canvas. One canvas px is one px of the source. */
export function paintBoxes(painter: Painter, run: RunRecord): void {
  const measure = (text: string, fontSize: number): number => {
    painter.font = `${fontSize}px ${exportFont}`;
    return painter.measureText(text).width;
  };
  const drawing = layOutBoxes(run.detections, run.image, measure);
  for (const box of drawing.boxes) {
    painter.lineWidth = drawing.strokeWidth * 2;
    painter.strokeStyle = "rgb(255 255 255 / 75%)";
    painter.strokeRect(box.x, box.y, box.width, box.height);
    painter.lineWidth = drawing.strokeWidth;
    painter.strokeStyle = box.color;
    painter.strokeRect(box.x, box.y, box.width, box.height);
    if (box.point === undefined) continue;
    painter.beginPath();
    painter.arc(box.point[0], box.point[1], drawing.strokeWidth * 2.5, 0, 2 * Math.PI);
    painter.fillStyle = box.color;
    painter.fill();
    painter.strokeStyle = "#ffffff";
    painter.stroke();
  }
  // Tags lie over all boxes, so that no stroke crosses a word.
  painter.font = `${drawing.fontSize}px ${exportFont}`;
  painter.textBaseline = "middle";
  for (const { tag, color } of drawing.boxes) {
    painter.fillStyle = color;
    painter.fillRect(tag.x, tag.y, tag.width, drawing.tagHeight);
    painter.fillStyle = inkOnLabel(color);
    painter.fillText(tag.text, tag.x + drawing.tagPadding, tag.y + drawing.tagHeight / 2);
  }
}
