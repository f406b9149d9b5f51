import type { Detection, ImageRef, Point } from "../../../app/contract/index.ts";
import { clickPoint } from "../truth/match.ts";

/** Where to click an element: the model's own point, else the centre of its box; whole px of the screenshot. */
function wholeClickPoint(element: Detection): Point {
  const [x, y] = clickPoint(element);
  return [Math.round(x), Math.round(y)];
}

/** An element as JSON. The box has both forms that tools ask for; everything is in px of the image. */
export function elementJson(element: Detection, image: ImageRef): string {
  const [x1, y1, x2, y2] = element.bbox;
  const [clickX, clickY] = wholeClickPoint(element);
  return JSON.stringify(
    {
      label: element.label,
      ...(element.text === undefined ? {} : { text: element.text }),
      bbox: { x1, y1, x2, y2 },
      size: { width: x2 - x1, height: y2 - y1 },
      click: { x: clickX, y: clickY },
      confidence: element.confidence,
      confidenceSource: element.confidenceSource,
      image: {
        ...(image.name === undefined ? {} : { name: image.name }),
        width: image.width,
        height: image.height,
        sha256: image.id,
      },
    },
    null,
    2,
  );
}

/** A Playwright statement. Its px are CSS px: those of a screenshot taken at scale 1. */
export function playwrightClick(element: Detection): string {
  const [x, y] = wholeClickPoint(element);
  return `await page.mouse.click(${x}, ${y});`;
}

/** A pyautogui statement. Its px are those of the screen: of a screenshot of the whole screen. */
export function pyautoguiClick(element: Detection): string {
  const [x, y] = wholeClickPoint(element);
  return `pyautogui.click(${x}, ${y})`;
}
