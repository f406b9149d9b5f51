import { z } from "zod";
import { type DocumentElement, type DocumentImage, type ReadImages, Skips } from "../document.ts";
import { firstText, isRecord, listOf, looseNumber, looseNumbers, looseSize } from "../loose.ts";
import { boxAround, boxAroundPoints, corners } from "../shapes.ts";
import type { Reading } from "../units.ts";

const readings: readonly Reading[] = [{ form: "xyxy", unit: { of: "px" } }];

export function isLabelMe(value: unknown): boolean {
  return (
    isRecord(value) && Array.isArray(value.shapes) && ("imagePath" in value || "imageData" in value || "flags" in value)
  );
}

/** LabelMe (wkentaro/labelme): `shapes` with points in px; of circles the centre and a point of the edge. */
export function readLabelMe(value: unknown): ReadImages {
  const file = isRecord(value) ? value : {};
  const skips = new Skips();
  const elements = listOf(file.shapes).flatMap((shape): readonly DocumentElement[] => {
    const box = isRecord(shape) ? labelMeBox(shape) : undefined;
    if (!isRecord(shape) || box === undefined) {
      skips.add("without a usable box");
      return [];
    }
    return [{ label: firstText(shape.label), text: firstText(shape.description), box }];
  });
  const name = firstText(file.imagePath);
  return {
    images: [
      {
        names: name === undefined ? [] : [name],
        size: looseSize(file.imageWidth, file.imageHeight),
        readings,
        elements,
        skipped: skips.list(),
      },
    ],
  };
}

function labelMeBox({ shape_type: type, points }: Readonly<Record<string, unknown>>) {
  const list = listOf(points);
  if (type === "circle" && list.length === 2) {
    const [x = 0, y = 0, edgeX = 0, edgeY = 0] = looseNumbers(list.flat(), 4) ?? [];
    const radius = Math.hypot(edgeX - x, edgeY - y);
    return corners(x - radius, y - radius, 2 * radius, 2 * radius);
  }
  return list.length < 2 ? undefined : boxAroundPoints(points);
}

const viaRectangle = z.object({ x: looseNumber, y: looseNumber, width: looseNumber, height: looseNumber });
const viaEllipse = z.object({ cx: looseNumber, cy: looseNumber, rx: looseNumber, ry: looseNumber });
const viaCircle = z.object({ cx: looseNumber, cy: looseNumber, r: looseNumber });

/** Whether it is a project of VIA 2 or its annotations alone, which are an object of images. */
export function isVia(value: unknown): boolean {
  return isRecord(value) && (isRecord(value._via_img_metadata) || Object.values(value).slice(0, 3).some(isViaImage));
}

function isViaImage(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && typeof value.filename === "string" && typeof value.regions === "object";
}

/** VGG Image Annotator 1 and 2: `shape_attributes` in px; the label is the first text among `region_attributes`. */
export function readVia(value: unknown): ReadImages {
  const file = isRecord(value) ? value : {};
  const entries = Object.values(isRecord(file._via_img_metadata) ? file._via_img_metadata : file);
  const lost = new Skips();
  lost.add("not an image", entries.filter((entry) => !isViaImage(entry)).length);
  const images = entries.filter(isViaImage).map((image): DocumentImage => {
    const skips = new Skips();
    // VIA 1 has the regions as an object.
    const regions = isRecord(image.regions) ? Object.values(image.regions) : listOf(image.regions);
    return {
      names: [String(image.filename)],
      readings,
      elements: regions.flatMap((region) => viaElement(region, skips)),
      skipped: skips.list(),
    };
  });
  return { images, skipped: lost.list() };
}

function viaElement(region: unknown, skips: Skips): readonly DocumentElement[] {
  const shape = isRecord(region) && isRecord(region.shape_attributes) ? region.shape_attributes : {};
  const attributes = isRecord(region) && isRecord(region.region_attributes) ? region.region_attributes : {};
  const box = viaBox(shape);
  if (box === undefined) {
    skips.add("without a usable box");
    return [];
  }
  const label = firstText(
    attributes.label,
    attributes.type,
    attributes.class,
    attributes.name,
    ...Object.values(attributes),
  );
  return [{ label, text: firstText(attributes.text), box }];
}

function viaBox(shape: Readonly<Record<string, unknown>>) {
  const rectangle = viaRectangle.safeParse(shape).data;
  if (rectangle !== undefined) return corners(rectangle.x, rectangle.y, rectangle.width, rectangle.height);
  const ellipse = viaEllipse.safeParse(shape).data;
  if (ellipse !== undefined) {
    return corners(ellipse.cx - ellipse.rx, ellipse.cy - ellipse.ry, 2 * ellipse.rx, 2 * ellipse.ry);
  }
  const circle = viaCircle.safeParse(shape).data;
  if (circle !== undefined) return corners(circle.cx - circle.r, circle.cy - circle.r, 2 * circle.r, 2 * circle.r);
  const [xs, ys] = [looseNumbers(shape.all_points_x, 2), looseNumbers(shape.all_points_y, 2)];
  if (xs === undefined || ys === undefined || xs.length !== ys.length) return undefined;
  return boxAround(xs.flatMap((x, index) => [x, ys[index] ?? 0]));
}
