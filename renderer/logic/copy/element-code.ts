import { type Detection, defined, type ImageRef, type Point, scaleOf } from "../../../app/contract/index.ts";
import { toldConfidence } from "../../../app/presentation/texts.ts";
import {
  boxInUnit,
  type CoordinateUnit,
  clickPoint,
  pointInUnit,
  roundPx,
  unitNames,
  unitSize,
} from "../../../app/presentation/units.ts";

/** Where to click an element of an image, in whole numbers of the unit. */
function wholeClickPoint(element: Detection, image: ImageRef, unit: CoordinateUnit): Point {
  const [x, y] = pointInUnit(clickPoint(element), unitSize(unit, scaleOf(image)));
  return [Math.round(x), Math.round(y)];
}

/** "CSS px, at scale 2": what copied numbers are, so that whoever reads them later knows. */
function unitNote(name: string, image: ImageRef): string {
  return `${name}, at scale ${scaleOf(image).value}`;
}

/** An element as JSON. The box has both forms that tools ask for; the image's own size is in image px. */
export function elementJson(element: Detection, image: ImageRef, unit: CoordinateUnit): string {
  const scale = scaleOf(image).value;
  const [x1, y1, x2, y2] = boxInUnit(element.bbox, unitSize(unit, scaleOf(image))).map(roundPx) as [
    number,
    number,
    number,
    number,
  ];
  const [clickX, clickY] = wholeClickPoint(element, image, unit);
  return JSON.stringify(
    {
      label: element.label,
      ...defined({ text: element.text }),
      unit: unitNames[unit],
      scale,
      bbox: { x1, y1, x2, y2 },
      size: { width: roundPx(x2 - x1), height: roundPx(y2 - y1) },
      click: { x: clickX, y: clickY },
      ...defined({ confidence: toldConfidence(element) }),
      confidenceSource: element.confidenceSource,
      image: {
        ...defined({ name: image.name }),
        width: image.width,
        height: image.height,
        sha256: image.id,
      },
    },
    null,
    2,
  );
}

/** A Playwright statement. Its px are CSS px of the page, whatever the scale of the screenshot. */
export function playwrightClick(element: Detection, image: ImageRef, unit: CoordinateUnit): string {
  const [x, y] = wholeClickPoint(element, image, unit);
  return `await page.mouse.click(${x}, ${y}); // ${unitNote(unitNames[unit], image)}`;
}

/** A pyautogui statement. It counts in points on macOS; on Windows and Linux, where it counts in px, take image px. */
export function pyautoguiClick(element: Detection, image: ImageRef, unit: CoordinateUnit): string {
  const [x, y] = wholeClickPoint(element, image, unit);
  return `pyautogui.click(${x}, ${y})  # ${unitNote(unit === "css" ? "points" : unitNames.image, image)}`;
}
