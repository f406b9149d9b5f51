import type { MenuItemConstructorOptions } from "electron";
import { beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { settingsSchema } from "../../app/contract/index.ts";
import { type MenuActions, type MenuState, menuTemplate } from "../../app/shell/menu.ts";
import { followSettings, menuActions } from "../../app/shell/menu-actions.ts";
import { OpenedImages } from "../../app/shell/opened-images.ts";
import { AppWindow } from "../../app/shell/window.ts";
import { clipboard, dialog, Menu, nativeTheme, resetElectron } from "../mocks/electron.ts";
import { eventually } from "../support/patience.ts";
import { FakeHost, imageRef } from "./fake-host.ts";

beforeEach(resetElectron);

function everyItem(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? everyItem(item.submenu) : [])]);
}

function itemWithId(items: readonly MenuItemConstructorOptions[], id: string): MenuItemConstructorOptions {
  const item = everyItem(items).find((candidate) => candidate.id === id);
  if (item === undefined) throw new Error(`no menu item ${id}`);
  return item;
}

/** Clicks as Electron does; none of our items looks at the arguments. */
const click = (item: MenuItemConstructorOptions): void => (item.click as unknown as (() => void) | undefined)?.();

const linux: MenuState = { recent: [], platform: "linux", developerTools: false };

function recordingActions(): { readonly actions: MenuActions; readonly done: string[] } {
  const done: string[] = [];
  return {
    done,
    actions: {
      openFiles: () => done.push("open"),
      openRecent: (image) => done.push(`recent ${image.name}`),
      reloadModel: () => done.push("reload"),
      copyDiagnostics: () => done.push("diagnostics"),
      send: (command) => done.push(`send ${command}`),
    },
  };
}

describe("the menu", () => {
  it.each([
    ["open", "open"],
    ["detect", "send detect"],
    ["cancel", "send cancel"],
    ["toggle-boxes", "send toggle-boxes"],
    ["palette", "send palette"],
    ["shortcuts", "send shortcuts"],
    ["settings", "send settings"],
    ["reload-model", "reload"],
    ["diagnostics", "diagnostics"],
  ])("%s does what it says", (id, expected) => {
    const { actions, done } = recordingActions();
    click(itemWithId(menuTemplate(linux, actions), id));
    expect(done).toEqual([expected]);
  });

  it("gives no two items the same shortcut", () => {
    const shortcuts = everyItem(menuTemplate(linux, recordingActions().actions)).flatMap((item) =>
      item.accelerator == null ? [] : [String(item.accelerator)],
    );
    expect(shortcuts.length).toBeGreaterThanOrEqual(4);
    expect(new Set(shortcuts).size).toBe(shortcuts.length);
  });

  it("has reload and developer tools only when run from source", () => {
    const { actions } = recordingActions();
    const roles = (developerTools: boolean) =>
      everyItem(menuTemplate({ ...linux, developerTools }, actions)).map((item) => item.role);
    expect(roles(false)).not.toContain("toggleDevTools");
    expect(roles(false)).not.toContain("reload");
    expect(roles(true)).toContain("toggleDevTools");
  });

  it("begins with the app menu on macOS only, where quitting and the settings are", () => {
    const { actions } = recordingActions();
    const [appMenu, ...others] = menuTemplate({ ...linux, platform: "darwin" }, actions);
    expect(appMenu?.role).toBe("appMenu");
    const items = everyItem(appMenu === undefined ? [] : [appMenu]);
    expect(items.map(({ role }) => role)).toContain("quit");
    expect(items.map(({ id }) => id)).toContain("settings");
    expect(everyItem(others).filter(({ id, role }) => id === "settings" || role === "quit")).toEqual([]);
    expect(menuTemplate(linux, actions)[0]?.role).toBe("fileMenu");
    expect(everyItem(menuTemplate(linux, actions)).map((item) => item.role)).toContain("quit");
  });

  it("lists recent images with their size, and opens them", () => {
    const { actions, done } = recordingActions();
    const template = menuTemplate({ ...linux, recent: [imageRef("a & b.png")] }, actions);
    const { submenu } = itemWithId(template, "recent");
    const [item] = Array.isArray(submenu) ? submenu : [];
    expect(item?.label).toBe("a && b.png (640 × 480 px)");
    if (item) click(item);
    expect(done).toEqual(["recent a & b.png"]);
  });

  it("says when nothing was opened yet", () => {
    const { submenu } = itemWithId(menuTemplate(linux, recordingActions().actions), "recent");
    expect(submenu).toEqual([{ label: "No recent images", enabled: false }]);
  });
});

describe("what the menu does", () => {
  const window = new AppWindow({ preload: "", developerTools: false });

  function wired() {
    const host = new FakeHost();
    const push = vi.fn();
    return { host, push, actions: menuActions(host.host, push, window, new OpenedImages(window)) };
  }

  it("copies diagnostics", async () => {
    const { host, actions } = wired();
    host.answers.set("app.diagnostics", () => ({ text: "Holoscope 0.1.0" }));
    actions.copyDiagnostics();
    await eventually(() => expect(clipboard.writeText.mock.calls).toEqual([["Holoscope 0.1.0"]]));
  });

  it("loads the model anew", async () => {
    const { host, actions } = wired();
    host.answers.set("models.unload", () => ({ unloaded: true }));
    host.answers.set("models.load", () => ({}));
    actions.reloadModel();
    await eventually(() => expect(host.calls.map(({ method }) => method)).toEqual(["models.unload", "models.load"]));
    expect(dialog.showMessageBox).not.toHaveBeenCalled();
  });

  it("says what went wrong", async () => {
    wired().actions.reloadModel();
    await eventually(() => expect(dialog.showMessageBox).toHaveBeenCalledOnce());
    expect(dialog.showMessageBox.mock.calls[0]?.[0]).toMatchObject({
      type: "error",
      message: "The model could not be loaded",
      detail: "no answer for models.unload",
    });
  });

  it("sends commands to the page", () => {
    const { actions, push } = wired();
    actions.send("cancel");
    expect(push.mock.calls).toEqual([["menu.command", { command: "cancel" }]]);
  });

  it("follows theme and recent images as the settings change", async () => {
    const { host, actions } = wired();
    host.answers.set("images.get", (params) => {
      if (JSON.stringify(params).includes("b".repeat(64))) throw new Error("gone");
      return imageRef("kept.png");
    });
    await followSettings(host.host, actions);
    expect(nativeTheme.themeSource).toBe("system");

    const recentImages = ["b".repeat(64), "a".repeat(64)];
    host.emit("settings.changed", settingsSchema.parse({ theme: "dark", recentImages }));
    await eventually(() => expect(Menu.setApplicationMenu).toHaveBeenCalledTimes(2));
    expect(nativeTheme.themeSource).toBe("dark");
    const template = Menu.buildFromTemplate.mock.lastCall?.[0] as MenuItemConstructorOptions[];
    expect(itemWithId(template, "recent").submenu).toMatchObject([{ label: "kept.png (640 × 480 px)" }]);
  });
});
