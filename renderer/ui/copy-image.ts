import { HoloscopeError } from "../../app/contract/index.ts";

/** Puts a PNG on the clipboard. Rejects with what to do where the browser or the system refuses. */
export async function copyImage(png: Promise<Blob>): Promise<void> {
  if (navigator.clipboard?.write === undefined || typeof ClipboardItem === "undefined") throw refused();
  try {
    // The promise, not its value: Safari forgets the user's click while it is awaited.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
  } catch (error) {
    // What the drawing itself had to say comes first.
    await png;
    throw refused(error);
  }
}

function refused(cause?: unknown): HoloscopeError {
  return new HoloscopeError(
    "BAD_REQUEST",
    "The system refused to put the image on the clipboard.",
    "Export the annotated PNG instead, or click in the window and try again.",
    cause instanceof Error ? cause.message : undefined,
  );
}
