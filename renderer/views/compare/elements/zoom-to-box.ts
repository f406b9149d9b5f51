import type { BBox } from "../../../../app/contract/index.ts";
import type { ViewportController } from "../../canvas/viewport-controller.ts";

/** Part of the view that a box fills at most. */
const share = 0.4;
/** CSS px for one image px beyond which a small box is not magnified. */
const nearest = 4;

/** Brings a box (px of the image) to the middle of the view, large enough to be looked at. */
export function zoomToBox(viewport: ViewportController, [x1, y1, x2, y2]: BBox): void {
  const { width, height } = viewport.viewSize();
  const fitting = Math.min((width * share) / Math.max(1, x2 - x1), (height * share) / Math.max(1, y2 - y1));
  viewport.zoomBy(Math.min(nearest, fitting) / viewport.current().scale);
  viewport.centreOn((x1 + x2) / 2, (y1 + y2) / 2);
}
