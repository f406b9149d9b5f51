import { app, Menu, type MenuItemConstructorOptions } from "electron";
import type { EventPayload, ImageRef } from "../contract/index.ts";
import { openExternally } from "./navigation.ts";

type PageCommand = EventPayload<"menu.command">["command"];

/** What the menu can do. None of it may throw. */
export interface MenuActions {
  readonly openFiles: () => void;
  readonly openRecent: (image: ImageRef) => void;
  readonly reloadModel: () => void;
  readonly copyDiagnostics: () => void;
  /** Commands that the page carries out. */
  readonly send: (command: PageCommand) => void;
}

export interface MenuState {
  /** Newest first. */
  readonly recent: readonly ImageRef[];
  readonly platform: NodeJS.Platform;
  /** Reload and developer tools are for running from source. */
  readonly developerTools: boolean;
}

const separator: MenuItemConstructorOptions = { type: "separator" };

function recentItems(recent: readonly ImageRef[], open: (image: ImageRef) => void): MenuItemConstructorOptions[] {
  if (recent.length === 0) return [{ label: "No recent images", enabled: false }];
  return recent.map((image) => ({
    // An ampersand marks a mnemonic on Windows and Linux; two of them show one.
    label: `${(image.name ?? image.id.slice(0, 12)).replaceAll("&", "&&")} (${image.width} × ${image.height} px)`,
    click: () => open(image),
  }));
}

/** The whole menu, as plain data. */
export function menuTemplate(state: MenuState, actions: MenuActions): MenuItemConstructorOptions[] {
  const mac = state.platform === "darwin";
  const settings: MenuItemConstructorOptions = {
    id: "settings",
    label: "Settings…",
    accelerator: "CmdOrCtrl+,",
    click: () => actions.send("settings"),
  };
  const appMenu: MenuItemConstructorOptions = {
    role: "appMenu",
    submenu: [
      { role: "about" },
      separator,
      settings,
      separator,
      ...(["services", "hide", "hideOthers", "unhide", "quit"] as const).map((role) => ({ role })),
    ],
  };
  const development: MenuItemConstructorOptions[] = state.developerTools
    ? [separator, { role: "reload" }, { role: "toggleDevTools" }]
    : [];
  return [
    ...(mac ? [appMenu] : []),
    {
      role: "fileMenu",
      label: "File",
      submenu: [
        { id: "open", label: "Open…", accelerator: "CmdOrCtrl+O", click: actions.openFiles },
        { id: "recent", label: "Open Recent", submenu: recentItems(state.recent, actions.openRecent) },
        separator,
        ...(mac ? [{ role: "close" } as const] : [settings, separator, { role: "quit" } as const]),
      ],
    },
    { role: "editMenu" },
    {
      label: "Detection",
      submenu: [
        { id: "detect", label: "Detect", accelerator: "CmdOrCtrl+Return", click: () => actions.send("detect") },
        { id: "cancel", label: "Cancel", accelerator: "CmdOrCtrl+.", click: () => actions.send("cancel") },
        separator,
        { id: "reload-model", label: "Reload Model", click: actions.reloadModel },
      ],
    },
    {
      role: "viewMenu",
      label: "View",
      submenu: [
        {
          id: "toggle-boxes",
          label: "Show or Hide Boxes",
          accelerator: "CmdOrCtrl+Shift+B",
          click: () => actions.send("toggle-boxes"),
        },
        { id: "palette", label: "Find a Command…", accelerator: "CmdOrCtrl+K", click: () => actions.send("palette") },
        separator,
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        separator,
        { role: "togglefullscreen" },
        ...development,
      ],
    },
    { role: "windowMenu" },
    {
      role: "help",
      submenu: [
        { id: "shortcuts", label: "Keyboard Shortcuts", click: () => actions.send("shortcuts") },
        { id: "diagnostics", label: "Copy Diagnostics", click: actions.copyDiagnostics },
        separator,
        {
          id: "models",
          label: "Find Models on Hugging Face",
          click: () => openExternally("https://huggingface.co/models?library=gguf&pipeline_tag=image-text-to-text"),
        },
        ...(mac ? [] : [separator, { role: "about" } satisfies MenuItemConstructorOptions]),
      ],
    },
  ];
}

/** Replaces the application's menu. */
export function setMenu(recent: readonly ImageRef[], actions: MenuActions): void {
  const state = { recent, platform: process.platform, developerTools: !app.isPackaged };
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(state, actions)));
}
