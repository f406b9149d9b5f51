import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import {
  acceptOpenedFiles,
  claimSingleInstance,
  closeHostOnQuit,
  keepElectronFilesIn,
  quitWithWindow,
} from "../../app/shell/lifecycle.ts";
import { imagePathsOf, OpenedImages } from "../../app/shell/opened-images.ts";
import { AppWindow } from "../../app/shell/window.ts";
import { app, dialog, FakeEvent, resetElectron } from "../mocks/electron.ts";
import { eventually } from "../support/patience.ts";
import { FakeHost, imageRef } from "./fake-host.ts";

let window: AppWindow;
let opened: OpenedImages;
let host: FakeHost;
const push = vi.fn();

beforeEach(() => {
  resetElectron();
  window = new AppWindow({ preload: "", developerTools: false });
  opened = new OpenedImages(window);
  host = new FakeHost();
  host.answers.set("images.addPath", (params) => imageRef(path.basename((params as { readonly path: string }).path)));
});
afterEach(() => {
  vi.useRealTimers();
});

const pushedNames = (): unknown[] =>
  push.mock.calls.map(([event, images]) => [event, images.map((image: { name: string }) => image.name)]);

describe("image paths on the command line", () => {
  it("are told from switches, the app's folder and other files", () => {
    const args = ["/app", "--profile=x.png", "shot.PNG", "sub/b.jpeg", "notes.txt", "c.webp"];
    const folder = path.resolve("/shots");
    expect(imagePathsOf(args, folder)).toEqual(["shot.PNG", "sub/b.jpeg", "c.webp"].map((n) => path.join(folder, n)));
  });
});

describe("images opened from outside", () => {
  it("wait for the host and for a page that listens", async () => {
    await opened.open(["/shots/early.png"]);
    await opened.connect(host.host, push);
    expect(push).not.toHaveBeenCalled();
    opened.onSubscribed("engine.state");
    expect(push).not.toHaveBeenCalled();
    opened.onSubscribed("images.opened");
    expect(pushedNames()).toEqual([["images.opened", ["early.png"]]]);
    await opened.open(["/shots/late.png"]);
    opened.show([imageRef("recent.png")]);
    expect(pushedNames().slice(1)).toEqual([
      ["images.opened", ["late.png"]],
      ["images.opened", ["recent.png"]],
    ]);
  });

  it("do not stop at one that cannot be read", async () => {
    host.answers.set("images.addPath", (params) => {
      if (JSON.stringify(params).includes("broken")) throw new Error("not an image");
      return imageRef("good.png");
    });
    await opened.connect(host.host, push);
    opened.onSubscribed("images.opened");
    await opened.open(["/shots/broken.png", "/shots/good.png"]);
    expect(dialog.showMessageBox.mock.calls[0]?.[0]).toMatchObject({
      message: '"broken.png" could not be opened',
      detail: "not an image",
    });
    expect(pushedNames()).toEqual([["images.opened", ["good.png"]]]);
  });

  it("are chosen in a dialog that shows images", async () => {
    await opened.connect(host.host, push);
    opened.onSubscribed("images.opened");
    await opened.choose();
    expect(push).not.toHaveBeenCalled();
    dialog.showOpenDialog.mockResolvedValueOnce({ canceled: false, filePaths: ["/shots/chosen.png"] });
    await opened.choose();
    expect(pushedNames()).toEqual([["images.opened", ["chosen.png"]]]);
    expect(dialog.showOpenDialog.mock.calls[0]?.[0]).toMatchObject({ properties: ["openFile", "multiSelections"] });
  });

  it("come from macOS before or after the app is ready", async () => {
    acceptOpenedFiles(window, opened);
    const event = new FakeEvent();
    app.emit("open-file", event, "/shots/finder.png");
    expect(event.defaultPrevented).toBe(true);
    await opened.connect(host.host, push);
    opened.onSubscribed("images.opened");
    expect(pushedNames()).toEqual([["images.opened", ["finder.png"]]]);
  });
});

describe("a single Holoscope", () => {
  it("hands its images over and gives way to the one that runs", () => {
    app.requestSingleInstanceLock.mockReturnValueOnce(false);
    expect(claimSingleInstance(window, opened)).toBe(false);
    expect(app.requestSingleInstanceLock.mock.calls[0]?.[0]).toEqual({ images: [] });
    expect(app.listenerCount("second-instance")).toBe(0);
  });

  it("takes images from the next one, and nothing else", async () => {
    expect(claimSingleInstance(window, opened)).toBe(true);
    await opened.connect(host.host, push);
    opened.onSubscribed("images.opened");
    app.emit("second-instance", {}, [], "/", { images: "all of them" });
    app.emit("second-instance", {}, [], "/", null);
    app.emit("second-instance", {}, [], "/", { images: ["/shots/second.png"] });
    await eventually(() => expect(pushedNames()).toEqual([["images.opened", ["second.png"]]]));
  });

  it("keeps Chromium's files in a folder of their own", () => {
    keepElectronFilesIn("/data/holoscope");
    expect(app.setPath.mock.calls).toEqual([["userData", path.join("/data/holoscope", "window")]]);
  });
});

describe("quitting", () => {
  it("follows the window", () => {
    quitWithWindow();
    app.emit("window-all-closed");
    expect(app.quit).toHaveBeenCalledOnce();
  });

  it("closes the host first, once", async () => {
    closeHostOnQuit(host.host);
    const [first, second] = [new FakeEvent(), new FakeEvent()];
    app.emit("will-quit", first);
    app.emit("will-quit", second);
    expect(first.defaultPrevented && second.defaultPrevented).toBe(true);
    expect(app.exit).not.toHaveBeenCalled();
    await eventually(() => expect(app.exit.mock.calls).toEqual([[0]]));
    expect(host.closed).toBe(1);
  });

  it("does not wait for a host that cannot close", async () => {
    vi.useFakeTimers();
    host.closing = new Promise(() => {});
    closeHostOnQuit(host.host);
    app.emit("will-quit", new FakeEvent());
    await vi.advanceTimersByTimeAsync(14_900);
    expect(app.exit).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(app.exit.mock.calls).toEqual([[0]]);
  });
});
