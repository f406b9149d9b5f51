import path from "node:path";
import { app } from "electron";
import { z } from "zod";
import type { Host } from "../host/types.ts";
import { imagePathsOf, type OpenedImages } from "./opened-images.ts";
import type { AppWindow } from "./window.ts";

/** ms that quitting may take to cancel a run and end the engine; then the app exits in any case. */
const closeMs = 15_000;

const handedOverSchema = z.object({ images: z.array(z.string()) });

/**
 * Keeps Chromium's files (caches, window size) in a folder of their own within the data folder. Must run first, since
 * the single-instance lock lies there too.
 */
export function keepElectronFilesIn(dataFolder: string): void {
  app.setPath("userData", path.join(dataFolder, "window"));
}

/**
 * Makes this the only running Holoscope: two hosts would write to the same folder.
 * @returns false if another one runs; it was sent this one's images, and this one must quit
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

/** macOS passes files in an event, which may come before the app is ready. */
export function acceptOpenedFiles(window: AppWindow, opened: OpenedImages): void {
  app.on("open-file", (event, file) => {
    event.preventDefault();
    window.focus();
    void opened.open([file]);
  });
}

/** Closing the window quits on every platform: otherwise an invisible app would keep gigabytes in memory. */
export function quitWithWindow(): void {
  app.on("window-all-closed", () => app.quit());
}

/** Before the app exits, the host ends the engine and writes pending data, within {@link closeMs}. */
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
