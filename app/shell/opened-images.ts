import path from "node:path";
import { dialog } from "electron";
import type { EventName, ImageRef } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { PushEvent } from "./ipc-gate.ts";
import { showProblem } from "./problem.ts";
import type { AppWindow } from "./window.ts";

/** Endings of image files, without the dot, as the open dialog and the command line take them. */
const imageExtensions: readonly string[] = ["png", "jpg", "jpeg", "webp", "gif", "avif"];

/**
 * Absolute paths of the images among command-line arguments. Switches, the program and the app folder are no images.
 * @param folder what relative paths are relative to
 */
export function imagePathsOf(args: readonly string[], folder: string): string[] {
  return args
    .filter((arg) => !arg.startsWith("-") && imageExtensions.includes(path.extname(arg).slice(1).toLowerCase()))
    .map((arg) => path.resolve(folder, arg));
}

/**
 * Images opened from outside the page: command line, file association, menu. They may come before the host or a
 * listening page exists, and wait until then.
 */
export class OpenedImages {
  readonly #window: AppWindow;
  readonly #paths: string[] = [];
  readonly #images: ImageRef[] = [];
  #host: Host | undefined;
  #push: PushEvent | undefined;
  #listening = false;

  constructor(window: AppWindow) {
    this.#window = window;
  }

  /** Accepts paths at any time. Shows a message for each file that cannot be opened. */
  async open(paths: readonly string[]): Promise<void> {
    if (this.#host === undefined) {
      this.#paths.push(...paths);
      return;
    }
    for (const file of paths) {
      try {
        this.#images.push(await this.#host.call("images.addPath", { path: file }));
      } catch (error) {
        await showProblem(this.#window.window, `"${path.basename(file)}" could not be opened`, error);
      }
    }
    this.#flush();
  }

  /** Shows images that are stored already, such as recent ones. */
  show(images: readonly ImageRef[]): void {
    this.#images.push(...images);
    this.#flush();
  }

  /** Lets the user choose files. */
  async choose(): Promise<void> {
    const options: Electron.OpenDialogOptions = {
      title: "Open screenshots",
      properties: ["openFile", "multiSelections"],
      filters: [{ name: "Images", extensions: [...imageExtensions] }],
    };
    const parent = this.#window.window;
    const { canceled, filePaths } = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    if (!canceled) await this.open(filePaths);
  }

  /** Connects to the host, which stores the images at the waiting paths. */
  async connect(host: Host, push: PushEvent): Promise<void> {
    this.#host = host;
    this.#push = push;
    await this.open(this.#paths.splice(0));
  }

  /** To be called when the page begins to listen to an event: those sent before would be lost. */
  onSubscribed(event: EventName): void {
    if (event !== "images.opened") return;
    this.#listening = true;
    this.#flush();
  }

  #flush(): void {
    if (this.#listening && this.#push !== undefined && this.#images.length > 0)
      this.#push("images.opened", this.#images.splice(0));
  }
}
