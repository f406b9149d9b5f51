import { beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { guardEveryPage, mayOpenExternally } from "../../app/shell/navigation.ts";
import { app, FakeEvent, FakeWebContents, resetElectron, shell } from "../mocks/electron.ts";

beforeEach(resetElectron);

function guardedPage(): FakeWebContents {
  guardEveryPage();
  const page = new FakeWebContents();
  app.emit("web-contents-created", {}, page);
  return page;
}

describe("navigation", () => {
  it.each(["will-navigate", "will-frame-navigate", "will-redirect", "will-attach-webview"])("prevents %s", (name) => {
    const event = new FakeEvent();
    guardedPage().emit(name, event);
    expect(event.defaultPrevented).toBe(true);
  });

  it("opens no window, but an allowed address in the user's browser", () => {
    const page = guardedPage();
    expect(page.windowOpenHandler?.({ url: "https://huggingface.co/models" })).toEqual({ action: "deny" });
    expect(shell.openExternal.mock.calls).toEqual([["https://huggingface.co/models"]]);
    expect(page.windowOpenHandler?.({ url: "https://example.org/" })).toEqual({ action: "deny" });
    expect(shell.openExternal).toHaveBeenCalledOnce();
  });

  it.each([
    "http://github.com/",
    "https://github.com.evil.example/",
    "https://user:secret@github.com/",
    "https://github.com:8443/",
    "https://evil.example/?https://github.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "ms-msdt:/id",
    "holoscope://app/index.html",
    "",
  ])("does not hand %j to the system", (url) => {
    expect(mayOpenExternally(url)).toBe(false);
  });
});
