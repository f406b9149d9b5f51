import type { Size } from "../../contract/index.ts";
import type { StageDetails } from "../clock.ts";
import { type Focus, focusOn, viewTokens } from "../focus/focus.ts";
import { inputSize } from "../geometry.ts";
import { type ImageFile, openImage, type Picture } from "../image/decode.ts";
import { decodeSeen, type SeenImage } from "../image/seen.ts";
import type { AheadImage } from "../prefetch.ts";
import type { Prompt } from "../session/session.ts";
import type { Run } from "./plan.ts";

/** The image of a detection, and the part of it that the model is shown. */
export interface View extends Source {
  readonly focus: Focus;
  /** The image or a crop of it; where focus mode finds no change, the image, which is then not shown. */
  readonly shown: Picture;
  /** px that the vision encoder receives for it. */
  readonly input: Size;
}

interface Source {
  readonly seen: SeenImage;
  /** Without pixels if the session keeps the image, or if it was prepared ahead. */
  readonly image: Picture;
  /** The input's pixels, if they are ready or being made already. */
  readonly ahead?: { readonly decodeMs: number; readonly resized: AheadImage["resized"] };
  /** Absent if nothing may be reused or kept. */
  readonly reuse?: Pick<Prompt, "imageKey" | "keepMegabytes">;
}

/**
 * Decodes the image unless that was done ahead or the session keeps it, and focuses on what the model is to be shown.
 * @param file the image's file, if it has been read already
 * @param ahead the image as it was prepared ahead, if it was
 * Errors: as openImage() and decodeImage().
 */
export async function lookAt(run: Run, file: ImageFile | undefined, ahead: AheadImage | undefined): Promise<View> {
  const { call, pair } = run;
  const { sizing } = pair.traits;
  const source =
    keptSource(run) ?? (run.plan.mayOverlap ? await aheadSource(run, ahead) : undefined) ?? (await read(run, file));
  const focus = await focusOn(call.focus, source.image, sizing);
  const shown = focus.view ?? source.image;
  const tokens = viewTokens(call.settings.maxImageTokens, sizing, source.image, shown);
  return { ...source, focus, shown, input: inputSize(shown, sizing, tokens) };
}

/** Details of a stage that works on the image's pixels. */
export function pixelDetails({ shown, ahead }: View, aheadMs: number | undefined): StageDetails {
  if (ahead !== undefined) return { overlappedMs: aheadMs };
  return shown.rgb === undefined ? { reused: true } : {};
}

/** The image without its pixels, if they may be left out. */
function keptSource(run: Run): Source | undefined {
  const { pair, plan, call } = run;
  const seen = plan.mayReuse ? pair.seen.get(call.imageId) : undefined;
  if (seen === undefined) return undefined;
  const reuse = reuseOf(run, seen);
  return pair.session.place === "here" && pair.session.keeps(reuse.imageKey)
    ? { seen, image: sizeOf(seen), reuse }
    : undefined;
}

/** undefined if it failed, so that the file is opened again and the error reported, or if it has not the size needed now. */
async function aheadSource(run: Run, ahead: AheadImage | undefined): Promise<Source | undefined> {
  const opened = await ahead?.opened.catch(() => undefined);
  if (ahead === undefined || opened === undefined) return undefined;
  const { seen, input } = opened;
  const wanted = inputSize(seen, run.pair.traits.sizing, run.call.settings.maxImageTokens);
  if (input.width !== wanted.width || input.height !== wanted.height) return undefined;
  return noted(run, { seen, image: sizeOf(seen), ahead: { decodeMs: opened.ms, resized: ahead.resized } });
}

async function read(run: Run, file: ImageFile | undefined): Promise<Source> {
  const { imagePath, imageId } = run.call;
  const { seen, pixels } = await decodeSeen(file ?? (await openImage(imagePath)), imageId);
  return noted(run, { seen, image: pixels });
}

/** Notes the image so that later runs can do without its pixels, if this run may share. */
function noted(run: Run, source: Source): Source {
  if (!run.plan.mayReuse) return source;
  run.pair.seen.add(source.seen);
  return { ...source, reuse: reuseOf(run, source.seen) };
}

/** The key holds what decides the embeddings, but for pair and flash attention, which are the session's own. */
function reuseOf({ pair, call }: Run, seen: SeenImage) {
  const { vit, cpuAttention, reuseBudgetMb, maxImageTokens } = call.settings;
  const { width, height } = inputSize(seen, pair.traits.sizing, maxImageTokens);
  return { imageKey: `${seen.id} ${width}x${height} ${vit} ${cpuAttention}`, keepMegabytes: reuseBudgetMb };
}

const sizeOf = ({ width, height }: Size): Picture => ({ width, height });
