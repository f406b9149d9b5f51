import { clipboard } from "electron";
import type { ImageRef, Settings } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { PushEvent } from "./ipc-gate.ts";
import { type MenuActions, setMenu } from "./menu.ts";
import type { OpenedImages } from "./opened-images.ts";
import { showProblem } from "./problem.ts";
import { type AppWindow, applyTheme } from "./window.ts";

/** The images behind the ids in the settings; ids whose image is gone are left out. */
async function recentImages(host: Host, ids: readonly string[]): Promise<ImageRef[]> {
  const found = await Promise.all(ids.map((id) => host.call("images.get", { id }).catch(() => undefined)));
  return found.filter((image) => image !== undefined);
}

/** Connects the menu with the host, the page and the opened images. */
export function menuActions(host: Host, push: PushEvent, window: AppWindow, opened: OpenedImages): MenuActions {
  const reportingFailure =
    (what: string, action: () => Promise<unknown>): (() => void) =>
    () =>
      void action().catch((error: unknown) => showProblem(window.window, what, error));
  return {
    openFiles: reportingFailure("The images could not be opened", () => opened.choose()),
    openRecent: (image) => opened.show([image]),
    reloadModel: reportingFailure("The model could not be loaded", async () => {
      await host.call("models.unload", {});
      await host.call("models.load", {});
    }),
    copyDiagnostics: reportingFailure("The diagnostics could not be copied", () => copyDiagnostics(host)),
    send: (command) => push("menu.command", { command }),
  };
}

/** Keeps theme and menu in accordance with the settings. Resolves when both are set for the first time. */
export async function followSettings(host: Host, actions: MenuActions): Promise<void> {
  let latest = 0;
  const apply = async (settings: Settings): Promise<void> => {
    applyTheme(settings.theme);
    latest += 1;
    const turn = latest;
    const recent = await recentImages(host, settings.recentImages);
    // Settings may change again while the names are looked up.
    if (turn === latest) setMenu(recent, actions);
  };
  host.on("settings.changed", (settings) => void apply(settings));
  await apply(await host.call("settings.get", {}));
}

/**
 * Copies the host's diagnostics to the clipboard, when the user chooses so in the menu; the page itself may not write
 * there.
 */
async function copyDiagnostics(host: Host): Promise<void> {
  const { text } = await host.call("app.diagnostics", {});
  clipboard.writeText(text);
}
