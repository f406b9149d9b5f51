import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { vi } from "vitest";

/**
 * The one stand-in for Electron's main-process modules: what app/shell uses, recording what it was asked.
 * Use it with `vi.mock("electron", () => import("../mocks/electron.ts"))` and call {@link resetElectron} before each
 * test. Nothing here decides anything; real Electron is driven by test/e2e/desktop.spec.ts.
 */

export class FakeEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

export interface FakeFrame {
  url: string;
  parent: FakeFrame | null;
}

let nextContentsId = 1;

export class FakeWebContents extends EventEmitter {
  readonly id = nextContentsId++;
  readonly sent: { readonly channel: string; readonly payload: unknown }[] = [];
  readonly mainFrame: FakeFrame = { url: "holoscope://app/index.html", parent: null };
  destroyed = false;
  windowOpenHandler: ((details: { url: string }) => { action: string }) | undefined;

  send(channel: string, payload: unknown): void {
    this.sent.push({ channel, payload });
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpenHandler = handler;
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly made: BrowserWindow[] = [];
  readonly webContents = new FakeWebContents();
  readonly loadURL = vi.fn(async (_url: string) => {});
  readonly show = vi.fn();
  readonly focus = vi.fn();
  readonly restore = vi.fn();
  readonly isMinimized = vi.fn(() => false);

  constructor(readonly options: Electron.BrowserWindowConstructorOptions) {
    super();
    BrowserWindow.made.push(this);
  }
}

class FakeApp extends EventEmitter {
  isPackaged = false;
  readonly setPath = vi.fn();
  readonly enableSandbox = vi.fn();
  readonly getVersion = vi.fn(() => "0.0.0-test");
  readonly whenReady = vi.fn(async () => {});
  readonly quit = vi.fn();
  readonly exit = vi.fn();
  readonly requestSingleInstanceLock = vi.fn((_data?: Record<string, unknown>) => true);
}
export const app = new FakeApp();

class FakeIpcMain extends EventEmitter {
  readonly handlers = new Map<string, (event: unknown, ...args: unknown[]) => unknown>();
  handle(channel: string, handler: (event: unknown, ...args: unknown[]) => unknown): void {
    this.handlers.set(channel, handler);
  }
}
export const ipcMain = new FakeIpcMain();

export const protocol = { registerSchemesAsPrivileged: vi.fn() };
export const nativeTheme = { shouldUseDarkColors: false, themeSource: "system" };
export const clipboard = { writeText: vi.fn() };
export const safeStorage = {
  isEncryptionAvailable: vi.fn(() => true),
  encryptString: (text: string) => Buffer.from(`os:${[...text].reverse().join("")}`),
  decryptString: (sealed: Buffer) => {
    const text = sealed.toString("utf8");
    if (!text.startsWith("os:")) throw new Error("It was sealed elsewhere.");
    return [...text.slice("os:".length)].reverse().join("");
  },
};
export const shell = { openExternal: vi.fn(async (_url: string) => {}) };
export const dialog = {
  showMessageBox: vi.fn(async (..._args: unknown[]) => ({ response: 0 })),
  showOpenDialog: vi.fn(async (..._args: unknown[]) => ({ canceled: true, filePaths: [] as string[] })),
};
export const Menu = { buildFromTemplate: vi.fn((template: unknown) => template), setApplicationMenu: vi.fn() };

/** Keeps the handlers that a session is given. */
export class FakeSession {
  readonly protocol = { handle: vi.fn() };
  readonly setPermissionRequestHandler = vi.fn();
  readonly setPermissionCheckHandler = vi.fn();
  readonly setDevicePermissionHandler = vi.fn();
  readonly setDisplayMediaRequestHandler = vi.fn();
}
export const session = { defaultSession: new FakeSession() };

export class FakeUtilityProcess extends EventEmitter {
  pid: number | undefined;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly postMessage = vi.fn();
  readonly kill = vi.fn(() => this.pid !== undefined);

  constructor(
    readonly program: string,
    readonly args: readonly string[],
    readonly options: Electron.ForkOptions,
  ) {
    super();
  }
  spawned(pid: number): void {
    this.pid = pid;
    this.emit("spawn");
  }
}
export const utilityProcess = {
  forked: [] as FakeUtilityProcess[],
  fork(program: string, args: readonly string[], options: Electron.ForkOptions): FakeUtilityProcess {
    const child = new FakeUtilityProcess(program, args, options);
    utilityProcess.forked.push(child);
    return child;
  },
};

export const contextBridge = { exposeInMainWorld: vi.fn() };
export const webUtils = { getPathForFile: vi.fn((_file: unknown) => "") };
class FakeIpcRenderer extends EventEmitter {
  readonly invoke = vi.fn(async (..._args: unknown[]): Promise<unknown> => undefined);
  readonly send = vi.fn();
}
export const ipcRenderer = new FakeIpcRenderer();

/** Forgets everything that earlier tests did. */
export function resetElectron(): void {
  vi.clearAllMocks();
  for (const emitter of [app, ipcMain, ipcRenderer]) emitter.removeAllListeners();
  ipcMain.handlers.clear();
  app.isPackaged = false;
  nativeTheme.shouldUseDarkColors = false;
  nativeTheme.themeSource = "system";
  BrowserWindow.made.length = 0;
  utilityProcess.forked.length = 0;
  session.defaultSession = new FakeSession();
}
