import type { BBox, Point, RefineStep, Size, TokenCounts } from "../../contract/index.ts";
import { clickPoint } from "../../presentation/units.ts";
import { now } from "../clock.ts";
import { fromCrop } from "../focus/merge.ts";
import { inputSize } from "../geometry.ts";
import { cropImage } from "../image/crop.ts";
import { tokenCounts } from "../session/session.ts";
import type { Asked } from "./answer.ts";
import type { Run } from "./plan.ts";
import type { View } from "./view.ts";

/** Share of each side that the next look sees. */
const nextShare = 0.5;
/** px of the source image; less of it says too little of what is around the target. */
const leastSide = 256;

/** What came of several looks. */
export interface Looked {
  /** Of the last look that found something, else of the first. */
  readonly view: View;
  readonly asked: Asked;
  readonly steps: RefineStep[];
  /** Of all looks together. */
  readonly tokens: TokenCounts;
}

/**
 * Asks about the image and, if the plan says so, locates the target again in ever smaller crops around the answer, which the model sees larger: what
 * H Company calls agentic localization, reported to raise the accuracy of Holo2 on large screens. Ends early where
 * nothing is found or the crop would not be smaller. Errors: those of `ask`.
 */
export async function refine(run: Run, whole: View, ask: (view: View) => Promise<Asked>): Promise<Looked> {
  const steps: RefineStep[] = [];
  let best: Pick<Looked, "view" | "asked"> | undefined;
  let tokens: TokenCounts | undefined;
  let crop: BBox | undefined = [0, 0, whole.image.width, whole.image.height];
  for (let look = 0; look <= run.plan.refinements && crop !== undefined; look++) {
    const view = look === 0 ? whole : viewOf(run, whole, crop);
    const start = now();
    const asked = await ask(view);
    const [found] = asked.answer.found;
    steps.push({ crop, input: view.input, ...(found && { bbox: found.bbox }), ms: now() - start });
    tokens = sum(tokens, tokenCounts(asked.prepared.tokens, asked.answer.generated));
    if (best === undefined || found !== undefined) best = { view, asked };
    crop = found && cropAround(clickPoint(found), crop, whole.image);
  }
  if (best === undefined || tokens === undefined) throw new Error("There was no look.");
  return { ...best, steps, tokens };
}

/** The part of the image around a point that the next look sees, whole px; undefined if it would be no smaller. */
function cropAround([x, y]: Point, [x1, y1, x2, y2]: BBox, image: Size): BBox | undefined {
  const side = (before: number, most: number): number =>
    Math.min(most, Math.max(leastSide, Math.round(before * nextShare)));
  const [width, height] = [side(x2 - x1, image.width), side(y2 - y1, image.height)];
  if (width >= x2 - x1 && height >= y2 - y1) return undefined;
  const from = (center: number, length: number, most: number): number =>
    Math.min(most - length, Math.max(0, Math.round(center - length / 2)));
  const [left, top] = [from(x, width, image.width), from(y, height, image.height)];
  return [left, top, left + width, top + height];
}

/** A crop in place of the whole image, with as many image tokens as that may have. */
function viewOf({ pair, call }: Run, { seen, image, focus }: View, crop: BBox): View {
  if (image.rgb === undefined) throw new Error("A refined search needs the pixels of the image.");
  const shown = cropImage(image, crop);
  return {
    seen,
    image,
    shown,
    focus: { ...focus, view: shown, place: (detection) => fromCrop(detection, crop) },
    input: inputSize(shown, pair.traits.sizing, call.settings.maxImageTokens),
  };
}

function sum(before: TokenCounts | undefined, next: TokenCounts): TokenCounts {
  if (before === undefined) return next;
  const [one, other] = [before.decoding, next.decoding];
  return {
    image: before.image + next.image,
    text: before.text + next.text,
    generated: before.generated + next.generated,
    ...(one &&
      other && {
        decoding: {
          calls: one.calls + other.calls,
          jumps: one.jumps + other.jumps,
          proposed: one.proposed + other.proposed,
          accepted: one.accepted + other.accepted,
        },
      }),
  };
}
