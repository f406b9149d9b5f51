import { BrowserWindow, nativeTheme, type WebContents } from "electron";
import type { Settings } from "../contract/index.ts";
import { appPage } from "./address.ts";

/**
 * The window's background until the page has painted, as in the renderer's styles, to avoid a flash of the other theme.
 */
const backgrounds = { light: "#ffffff", dark: "#14161a" } as const;

/** Smallest useful size and the size of the first start, in CSS px. */
const minimumSize = { width: 760, height: 520 } as const;
const firstSize = { width: 1360, height: 880 } as const;

interface WindowOptions {
  /** Absolute path of the bundled CommonJS preload. */
  readonly preload: string;
  /** Developer tools are for running from source. */
  readonly developerTools: boolean;
}

/** Options of the window. Every safeguard of Electron is written out, defaults included. */
export function windowOptions({ preload, developerTools }: WindowOptions): Electron.BrowserWindowConstructorOptions {
  return {
    title: "Holoscope",
    // Electron stores size, position and maximised state under this name.
    name: "main",
    windowStatePersistence: true,
    width: firstSize.width,
    height: firstSize.height,
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: developerTools,
    },
  };
}

/** Applies the chosen theme to the window frame, the menus and the page's `prefers-color-scheme`. */
export function applyTheme(theme: Settings["theme"]): void {
  nativeTheme.themeSource = theme;
}

/** The one window. */
export class AppWindow {
  readonly #options: WindowOptions;
  #window: BrowserWindow | undefined;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** The window itself, as parent of dialogs; undefined before it was opened and after it was closed. */
  get window(): BrowserWindow | undefined {
    return this.#window;
  }

  /** Its page, the only one whose calls the IPC gate accepts. */
  get page(): WebContents | undefined {
    return this.#window?.webContents;
  }

  /** Opens the window and shows it once the page is loaded. Rejects if the page cannot be loaded. */
  async open(): Promise<void> {
    const window = new BrowserWindow(windowOptions(this.#options));
    this.#window = window;
    window.once("ready-to-show", () => window.show());
    window.once("closed", () => {
      this.#window = undefined;
    });
    await window.loadURL(appPage);
  }

  /** Brings the window to the front. */
  focus(): void {
    if (this.#window === undefined) return;
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.focus();
  }
}
