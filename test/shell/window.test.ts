import { beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { AppWindow, applyTheme, windowOptions } from "../../app/shell/window.ts";
import { BrowserWindow, nativeTheme, resetElectron } from "../mocks/electron.ts";

const options = { preload: "/app/preload.cjs", developerTools: false };

beforeEach(resetElectron);

describe("the window", () => {
  it("writes every safeguard out", () => {
    expect(windowOptions(options).webPreferences).toMatchObject({
      preload: "/app/preload.cjs",
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      devTools: false,
    });
  });

  it("has the theme's background before the page has painted", () => {
    const light = windowOptions(options).backgroundColor;
    nativeTheme.shouldUseDarkColors = true;
    expect(windowOptions(options).backgroundColor).not.toBe(light);
    applyTheme("dark");
    expect(nativeTheme.themeSource).toBe("dark");
  });

  it("loads our page only, and shows itself once there is something to show", async () => {
    const window = new AppWindow(options);
    await window.open();
    const made = BrowserWindow.made[0];
    expect(made?.loadURL.mock.calls).toEqual([["holoscope://app/index.html"]]);
    expect(made?.options.show).toBe(false);
    expect(made?.show).not.toHaveBeenCalled();
    made?.emit("ready-to-show");
    expect(made?.show).toHaveBeenCalledOnce();
  });

  it("remembers its size under a name, and forgets its page when closed", async () => {
    const window = new AppWindow(options);
    await window.open();
    const made = BrowserWindow.made[0];
    expect(made?.options).toMatchObject({ name: "main", windowStatePersistence: true });
    expect(window.page).toBe(made?.webContents);
    made?.emit("closed");
    expect(window.page).toBeUndefined();
  });

  it("comes to the front, restored if it was minimised", async () => {
    const window = new AppWindow(options);
    window.focus();
    await window.open();
    const made = BrowserWindow.made[0];
    made?.isMinimized.mockReturnValue(true);
    window.focus();
    expect(made?.restore).toHaveBeenCalledOnce();
    expect(made?.focus).toHaveBeenCalledOnce();
  });
});
