import path from "node:path";
import { app } from "electron";
import { z } from "zod";
import type { Host } from "../host/types.ts";
import { imagePathsOf, type OpenedImages } from "./opened-images.ts";
import type { AppWindow } from "./window.ts";

/** How long quitting may take, in ms: cancelling a run and ending the engine, then the app goes whatever happens. */
const closeMs = 5_000;

const handedOverSchema = z.object({ images: z.array(z.string()) });

/**
 * Keeps what Chromium writes (caches, window size) in a folder of its own, beside the host's data and never among it.
 * Must run before anything else, since the single-instance lock lies there too.
 */
export function useProfileFolder(dataFolder: string): void {
  app.setPath("userData", path.join(dataFolder, "window"));
}

/**
 * Makes this the only running Holoscope: two hosts would write to the same folder.
 * @returns false if another one runs; it has then been handed this one's images, and this one must quit
 */
export function claimSingleInstance(window: AppWindow, opened: OpenedImages): boolean {
  const images = imagePathsOf(process.argv.slice(1), process.cwd());
  if (!app.requestSingleInstanceLock({ images })) return false;
  void opened.open(images);
  app.on("second-instance", (_event, _args, _folder, handedOver) => {
    window.focus();
    const parsed = handedOverSchema.safeParse(handedOver);
    if (parsed.success) void opened.open(parsed.data.images);
  });
  return true;
}

/** macOS hands over files by an event, which may come before the app is ready. */
export function acceptOpenedFiles(window: AppWindow, opened: OpenedImages): void {
  app.on("open-file", (event, file) => {
    event.preventDefault();
    window.focus();
    void opened.open([file]);
  });
}

/** Closing the window quits, on every platform: a hidden model would keep its gigabytes. */
export function quitWithWindow(): void {
  app.on("window-all-closed", () => app.quit());
}

/** Before the app goes, the host ends the engine and writes what is left to write, within {@link closeMs}. */
export function closeHostOnQuit(host: Host): void {
  let closing = false;
  app.on("will-quit", (event) => {
    event.preventDefault();
    if (closing) return;
    closing = true;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs);
    });
    const closed = host.close().catch((error: unknown) => console.error("Closing failed:", error));
    void Promise.race([closed, tooLong]).then(() => {
      clearTimeout(timer);
      app.exit(0);
    });
  });
}
