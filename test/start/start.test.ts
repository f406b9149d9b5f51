import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type StartFacts, whyNoWindow } from "../../app/start/choose-door.ts";
import { fetchRuntime, findRuntime, isAtLeast, programIn, reasonIn } from "../../app/start/runtime.ts";

const desktop: StartFacts = { platform: "linux", userId: 1000, env: { DISPLAY: ":0" }, args: [] };

describe("whether a window can be shown", () => {
  it.each<[string, StartFacts]>([
    ["an ordinary X11 session", desktop],
    ["a Wayland session", { ...desktop, env: { WAYLAND_DISPLAY: "wayland-0" } }],
    ["root who asks for no sandbox", { ...desktop, userId: 0, args: ["--no-sandbox"] }],
    ["macOS", { ...desktop, platform: "darwin", env: {} }],
    ["Windows", { ...desktop, platform: "win32", userId: undefined, env: {} }],
  ])("yes: %s", (_name, facts) => {
    expect(whyNoWindow(facts)).toBeUndefined();
  });

  it("no: a session without a display", () => {
    expect(whyNoWindow({ ...desktop, env: { DISPLAY: "" } })).toContain("no display");
  });

  it("no: root, for whom the sandbox is never switched off unasked", () => {
    expect(whyNoWindow({ ...desktop, userId: 0 })).toContain("sandbox does not work for root");
  });
});

describe("the Electron runtime", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "holoscope-start-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const install = (where: string): string => {
    const program = path.join(where, programIn("linux"));
    mkdirSync(path.dirname(program), { recursive: true });
    writeFileSync(program, "");
    return program;
  };

  it("is found where Electron's installer put it", () => {
    const query = { electronFolder: folder, env: {}, platform: "linux" } as const;
    expect(findRuntime(query)).toBeUndefined();
    const program = install(path.join(folder, "dist"));
    // Half unpacked: the pointer is written last.
    expect(findRuntime(query)).toBeUndefined();
    writeFileSync(path.join(folder, "path.txt"), "electron");
    expect(findRuntime(query)).toBe(program);
  });

  it("is found in the folder that the environment names, and then only there", () => {
    install(path.join(folder, "dist"));
    writeFileSync(path.join(folder, "path.txt"), "electron");
    const other = path.join(folder, "other");
    const query = { electronFolder: folder, env: { ELECTRON_OVERRIDE_DIST_PATH: other }, platform: "linux" } as const;
    expect(findRuntime(query)).toBeUndefined();
    expect(findRuntime({ ...query, electronFolder: undefined })).toBeUndefined();
    const program = install(other);
    expect(findRuntime(query)).toBe(program);
  });

  it.each([
    ["process.exit(0)", undefined],
    ["console.error('TypeError: fetch failed\\n  at x'); process.exit(1)", "fetch failed"],
    ["process.exit(3)", "the installer ended with code 3"],
  ])("fetched by %j gives the reason %j", async (program, expected) => {
    writeFileSync(path.join(folder, "install.js"), program);
    expect(await fetchRuntime(folder)).toBe(expected);
  });

  it("is not waited for without end", async () => {
    writeFileSync(path.join(folder, "install.js"), "setInterval(() => {}, 1000)");
    expect(await fetchRuntime(folder, 200)).toBe("not finished after 0.2 s");
  });
});

describe("the reason in an installer's output", () => {
  it("names the cause of a failed download", () => {
    expect(reasonIn("\nTypeError: fetch failed\n  [cause]: Error: getaddrinfo ENOTFOUND github.com")).toBe(
      "fetch failed (ENOTFOUND)",
    );
    expect(reasonIn("Error: connect ECONNREFUSED 127.0.0.1:1\n at y")).toBe("connect ECONNREFUSED 127.0.0.1:1");
    expect(reasonIn("  \n")).toBeUndefined();
  });
});

describe("versions", () => {
  it.each([
    ["22.12.0", "22.12.0", true],
    ["22.13.0", "22.12.5", true],
    ["24.0.0", "22.12.0", true],
    ["22.9.0", "22.12.0", false],
    ["20.20.2", "22.12.0", false],
  ])("%s is at least %s: %s", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});
