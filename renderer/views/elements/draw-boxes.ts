import { type Detection, HoloscopeError, type ImageRef } from "../../../app/contract/index.ts";
import { formatConfidence } from "../../model/format.ts";
import { elementColor, inkOnLabel, labelText } from "../../model/label-colors.ts";

/** Image px for each 1000 px of the longer side: strokes and labels stay readable when the picture is shown smaller. */
const strokePerMille = 1.4;
const fontPerMille = 9;

/** The screenshot at its full size with boxes and labels, as PNG. */
export async function pictureWithBoxes(
  url: string,
  { width, height }: ImageRef,
  elements: readonly Detection[],
): Promise<Blob> {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw tooLarge();
  context.drawImage(picture, 0, 0, width, height);
  drawBoxes(context, elements, Math.max(width, height) / 1000);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(tooLarge()) : resolve(blob)), "image/png");
  });
}

function drawBoxes(context: CanvasRenderingContext2D, elements: readonly Detection[], unit: number): void {
  const stroke = Math.max(1.5, strokePerMille * unit);
  const font = Math.max(10, fontPerMille * unit);
  context.font = `600 ${font}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  for (const element of elements) {
    const { bbox, label, confidence, point } = element;
    const [x1, y1, x2, y2] = bbox;
    const color = elementColor(element);
    context.strokeStyle = "rgb(255 255 255 / 80%)";
    context.lineWidth = stroke * 2.2;
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    context.strokeStyle = color;
    context.lineWidth = stroke;
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    if (point !== undefined) {
      context.beginPath();
      context.arc(point[0], point[1], stroke * 3, 0, 2 * Math.PI);
      context.stroke();
    }
    const text = `${labelText(label)} ${formatConfidence(confidence)}`;
    const [wide, high] = [context.measureText(text).width + font * 0.7, font * 1.35];
    const top = y1 >= high ? y1 - high : y1;
    context.fillStyle = color;
    context.fillRect(x1, top, wide, high);
    context.fillStyle = inkOnLabel(color);
    context.fillText(text, x1 + font * 0.35, top + high / 2);
  }
}

function tooLarge(): HoloscopeError {
  return new HoloscopeError("IMAGE_TOO_LARGE", "The image is too large to be drawn.", "Copy a smaller screenshot.");
}
