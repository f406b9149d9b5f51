import { HoloscopeError, type RunRecord } from "../../../app/contract/index.ts";
import { paintBoxes } from "../../model/export/paint-boxes.ts";

/**
 * The screenshot with boxes and tags as a PNG of the screenshot's own size.
 * @param image the stored file; without it the boxes lie on a plain ground.
 */
export async function annotatedPng(run: RunRecord, image: Blob | undefined): Promise<Blob> {
  const { width, height } = run.image;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw noCanvas();
  if (image === undefined) {
    context.fillStyle = "#f2f4f7";
    context.fillRect(0, 0, width, height);
  } else {
    const picture = await createImageBitmap(image, { imageOrientation: "from-image" });
    context.drawImage(picture, 0, 0, width, height);
    picture.close();
  }
  paintBoxes(context, run);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(noCanvas()) : resolve(blob)), "image/png");
  });
}

function noCanvas(): HoloscopeError {
  return new HoloscopeError(
    "OUT_OF_MEMORY",
    "The picture is too large to be drawn here.",
    "Export it as SVG: that needs no drawing surface.",
  );
}
