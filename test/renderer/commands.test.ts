import { describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import type { MenuItemConstructorOptions } from "electron";
import { events } from "../../app/contract/index.ts";
import { menuTemplate } from "../../app/shell/menu.ts";
import { catalogue } from "../../renderer/logic/commands/catalogue.ts";
import { chordText, type KeyPress, matchesChord } from "../../renderer/logic/commands/keys.ts";
import { type CommandInfo, CommandRegistry, type UserCommand } from "../../renderer/logic/commands/registry.ts";
import { fuzzyMatch, searchCommands } from "../../renderer/logic/commands/search.ts";

const all: readonly CommandInfo[] = Object.values(catalogue);
/** A chord as an Electron accelerator: "Mod+Enter" -> "CmdOrCtrl+Return". */
const accelerator = (chord: string): string => chord.replace("Mod", "CmdOrCtrl").replace("Enter", "Return");
const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});
const command = (info: CommandInfo, more: Partial<UserCommand> = {}): UserCommand => ({
  ...info,
  run: () => undefined,
  ...more,
});

describe("chords", () => {
  it("match Cmd on a Mac and Ctrl elsewhere, and nothing with more keys held", () => {
    expect(matchesChord(press("k", { ctrlKey: true }), "Mod+K", false)).toBe(true);
    expect(matchesChord(press("k", { metaKey: true }), "Mod+K", true)).toBe(true);
    expect(matchesChord(press("k", { metaKey: true }), "Mod+K", false)).toBe(false);
    expect(matchesChord(press("k", { ctrlKey: true, metaKey: true }), "Mod+K", false)).toBe(false);
    expect(matchesChord(press("k"), "Mod+K", false)).toBe(false);
    expect(matchesChord(press("D", { shiftKey: true }), "D", false)).toBe(false);
    expect(matchesChord(press("P", { shiftKey: true }), "Shift+P", false)).toBe(true);
  });

  it("do not ask how a sign is typed", () => {
    expect(matchesChord(press("?", { shiftKey: true }), "?", false)).toBe(true);
    expect(matchesChord(press("+", { shiftKey: true }), "+", false)).toBe(true);
    expect(matchesChord(press("+"), "+", false)).toBe(true);
  });

  it("are written as the platform writes them", () => {
    expect(chordText("Mod+Shift+B", false)).toBe("Ctrl Shift B");
    expect(chordText("Mod+K", true)).toBe("⌘ K");
    expect(chordText("+", false)).toBe("+");
    expect(accelerator("Mod+Enter")).toBe("CmdOrCtrl+Return");
  });
});

describe("the registry", () => {
  it("lists by group and reads each view's commands anew", () => {
    const registry = new CommandRegistry();
    let title = "Before";
    registry.add(() => [command({ id: "late", title: "Help me", group: "Help" })]);
    const end = registry.add(() => [command({ id: "early", title, group: "File" })]);
    title = "After";
    expect(registry.list().map((each) => each.title)).toEqual(["After", "Help me"]);
    end();
    expect(registry.list().map((each) => each.id)).toEqual(["late"]);
  });

  it("runs what is not blocked, and only that", () => {
    const registry = new CommandRegistry();
    const run = vi.fn();
    registry.add(() => [
      command(catalogue.open, { run }),
      command(catalogue.detect, { run, blocked: "Open a screenshot first." }),
    ]);
    expect(registry.run("open")).toBe(true);
    expect(registry.run("detect")).toBe(false);
    expect(registry.run("unknown")).toBe(false);
    expect(run).toHaveBeenCalledOnce();
  });

  it("gives a shared key to the last command that can use it", () => {
    const registry = new CommandRegistry();
    let running: string | undefined;
    registry.add(() => [command(catalogue.deselect), command(catalogue.cancel, { blocked: running })]);
    const key = press("Escape");
    expect(registry.forKey(key, { mac: false, typing: false })?.id).toBe("cancel");
    running = "Nothing is running.";
    expect(registry.forKey(key, { mac: false, typing: false })?.id).toBe("deselect");
  });

  it("leaves plain keys to who types, but not chords", () => {
    const registry = new CommandRegistry();
    registry.add(() => [command(catalogue.detect)]);
    expect(registry.forKey(press("d"), { mac: false, typing: true })).toBeUndefined();
    expect(registry.forKey(press("Enter", { ctrlKey: true }), { mac: false, typing: true })?.id).toBe("detect");
  });
});

describe("the catalogue", () => {
  it("gives no id and no key twice; only Escape is shared", () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const keys = all.flatMap((each) => each.keys ?? []).filter((key) => key !== "Escape");
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it("agrees with the native menu on every accelerator", () => {
    const nothing = () => undefined;
    const template = menuTemplate(
      { recent: [], platform: "linux", developerTools: false },
      { openFiles: nothing, openRecent: nothing, reloadModel: nothing, copyDiagnostics: nothing, send: nothing },
    );
    const everyItem = (items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
      items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? everyItem(item.submenu) : [])]);
    const items = everyItem(template).filter((item) => item.accelerator != null);
    expect(items.length).toBeGreaterThanOrEqual(5);
    for (const item of items) {
      const known = all.find(({ id }) => id === item.id);
      expect(known?.keys?.map(accelerator), `${item.label}`).toContain(item.accelerator);
    }
  });

  it("knows every command that the native menu sends", () => {
    const sent = events["menu.command"].shape.command.options;
    expect(sent.filter((id) => !all.some((each) => each.id === id))).toEqual([]);
  });
});

describe("the search", () => {
  const commands = all.map((info) => command(info));
  const first = (query: string) => searchCommands(commands, query)[0]?.command.id;

  it("finds by word starts, by words beside the title, and marks what matched", () => {
    expect(first("detect")).toBe("detect");
    expect(first("co")).toBe("copy-json");
    expect(first("cpj")).toBe("copy-json");
    expect(first("dark")).toBe("theme");
    expect(first("playwright")).toBe("copy-playwright");
    expect(fuzzyMatch("cj", "Copy box as JSON")?.at).toEqual([0, 12]);
  });

  it("finds nothing for letters that no command has in order, and everything for none", () => {
    expect(searchCommands(commands, "zzzz")).toEqual([]);
    expect(searchCommands(commands, "  ")).toHaveLength(commands.length);
  });
});
