import { describe, expect, it, vi } from "vitest";
import { elementJson, playwrightClick, pyautoguiClick } from "../../renderer/logic/copy/element-code.ts";
import { defaultPrefs, type PrefsStorage, prefsKey, readPrefs } from "../../renderer/logic/prefs/prefs.ts";
import { createAppStore, patch } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { connectPrefs } from "../../renderer/store/connect-prefs.ts";
import { FakeClient } from "./fake-client.ts";
import { detection, imageRef, runRecord } from "./records.ts";

function storageWith(text: string | null): PrefsStorage & { readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    getItem: (key) => (key === prefsKey ? (written.at(-1) ?? text) : null),
    setItem: (_key, value) => void written.push(value),
  };
}

describe("what the window remembers", () => {
  it("keeps every readable field when another is broken", () => {
    const storage = storageWith(JSON.stringify({ sideWidth: "wide", sideTab: "runs", timingsOpen: false, new: 1 }));
    expect(readPrefs(storage)).toEqual({ ...defaultPrefs, sideTab: "runs", timingsOpen: false });
  });

  it.each(["not json", "[]", "null", '"x"'])("takes the defaults for %s", (text) => {
    expect(readPrefs(storageWith(text))).toEqual(defaultPrefs);
  });

  it("does without a storage that refuses", () => {
    const refuse = () => {
      throw new Error("SecurityError");
    };
    const store = createAppStore();
    connectPrefs(store, { getItem: refuse, setItem: refuse });
    expect(() => patch(store, "prefs", { sideOpen: false })).not.toThrow();
    expect(store.getState().prefs.sideOpen).toBe(false);
  });

  it("comes back after a visit, hidden boxes too", () => {
    const storage = storageWith(null);
    const before = createAppStore();
    connectPrefs(before, storage);
    const commands = new Commands(new FakeClient({}), before);
    commands.window.remember({ sideWidth: 401 });
    commands.toggleBoxes();
    const after = createAppStore();
    connectPrefs(after, storage);
    expect(after.getState().prefs.sideWidth).toBe(401);
    expect(after.getState().prefs.boxesVisible).toBe(false);
  });
});

describe("undo", () => {
  function closedWindow() {
    const store = createAppStore();
    const commands = new Commands(new FakeClient({ "runs.list": () => [] }), store);
    const [a, b] = [imageRef("a"), imageRef("b")];
    patch(store, "images", { byId: { [a.id]: a, [b.id]: b }, order: [a.id, b.id], currentId: a.id });
    const record = runRecord("run-00000001", a);
    patch(store, "runs", {
      byId: {
        [record.id]: {
          id: record.id,
          imageId: a.id,
          mode: "detect",
          status: "done",
          phase: "parse",
          position: 0,
          stages: record.stages,
          detections: record.detections,
          record,
        },
      },
      shown: { [a.id]: record.id },
    });
    const before = store.getState();
    commands.closeImage(a.id);
    return { store, commands, before, a };
  }

  it("reopens a closed image at its place with its runs", async () => {
    const { store, commands, before } = closedWindow();
    expect(store.getState().images.order).toHaveLength(1);
    expect(store.getState().toasts.list).toMatchObject([{ text: "Closed a.png" }]);
    await commands.undo.undo();
    expect(store.getState().images.order).toEqual(before.images.order);
    expect(store.getState().images.currentId).toBe(before.images.currentId);
    expect(store.getState().runs.byId).toEqual(before.runs.byId);
    expect(store.getState().runs.shown).toEqual(before.runs.shown);
  });

  it("takes back each act once, and says when nothing is left", async () => {
    const { store, commands } = closedWindow();
    const toast = store.getState().toasts.list[0];
    await commands.undo.undo(toast?.undoId);
    await commands.undo.undo(toast?.undoId);
    expect(store.getState().images.order).toHaveLength(2);
    await commands.undo.undo();
    expect(store.getState().toasts.list.at(-1)?.text).toBe("Nothing to undo");
  });

  it("tells when an act cannot be taken back", async () => {
    const store = createAppStore();
    const commands = new Commands(new FakeClient({}), store);
    const undo = vi.fn(() => Promise.reject(new Error("gone")));
    commands.undo.did("Deleted a run", undo);
    await commands.undo.undo();
    expect(undo).toHaveBeenCalledOnce();
    expect(store.getState().notices.list).toMatchObject([{ about: 'Undo of "Deleted a run"' }]);
  });
});

describe("copied code", () => {
  const image = imageRef("a");
  const retina = { ...image, width: 2560, height: 1600, scale: { value: 2, from: "user" } } as const;
  const element = detection("e1", [400, 200, 501, 260]);

  it("clicks the middle of the box, or the point that the model gave, and says in what", () => {
    expect(playwrightClick(detection("e1", [10, 20, 111, 60]), image, "css")).toBe(
      "await page.mouse.click(61, 40); // CSS px, at scale 1",
    );
    expect(pyautoguiClick({ ...detection("e1"), point: [12.4, 33.6] }, image, "image")).toBe(
      "pyautogui.click(12, 34)  # image px, at scale 1",
    );
  });

  it("hits at scale 2 in CSS px, and is in image px where that is wanted", () => {
    expect(playwrightClick(element, retina, "css")).toBe("await page.mouse.click(225, 115); // CSS px, at scale 2");
    expect(pyautoguiClick(element, retina, "css")).toBe("pyautogui.click(225, 115)  # points, at scale 2");
    expect(playwrightClick(element, retina, "image")).toBe("await page.mouse.click(451, 230); // image px, at scale 2");
  });

  it("tells the box with its unit and the image that it belongs to", () => {
    expect(JSON.parse(elementJson(detection("e1", [10, 20, 110, 60]), image, "css"))).toMatchObject({
      label: "button",
      unit: "CSS px",
      scale: 1,
      bbox: { x1: 10, y1: 20, x2: 110, y2: 60 },
      size: { width: 100, height: 40 },
      click: { x: 60, y: 40 },
      image: { name: "a.png", width: 1000, height: 500, sha256: image.id },
    });
    expect(JSON.parse(elementJson(element, retina, "css"))).toMatchObject({
      unit: "CSS px",
      scale: 2,
      bbox: { x1: 200, y1: 100, x2: 250.5, y2: 130 },
      size: { width: 50.5, height: 30 },
      click: { x: 225, y: 115 },
      image: { width: 2560, height: 1600 },
    });
    expect(JSON.parse(elementJson(element, retina, "image"))).toMatchObject({
      unit: "image px",
      bbox: { x1: 400, y1: 200, x2: 501, y2: 260 },
    });
  });
});
