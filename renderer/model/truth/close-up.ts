import type { BBox } from "../../../app/contract/index.ts";

/** Part of the view's width or height that a box fills in a close-up, so that its surroundings are seen too. */
const fill = 0.3;
/** CSS px for one image px beyond which a close-up does not go. */
const closest = 3;

/** CSS px for one image px at which a box is well seen. @param view CSS px. */
export function closeUpScale(
  [x1, y1, x2, y2]: BBox,
  view: { readonly width: number; readonly height: number },
): number {
  const wanted = Math.min((view.width * fill) / Math.max(1, x2 - x1), (view.height * fill) / Math.max(1, y2 - y1));
  return Math.min(closest, wanted);
}
