import { describe, expect, it } from "vitest";
import { type BrowserPlaces, chromiumAdvice, findChromium, obtainChromium } from "./chromium.ts";

const own = "/home/me/.cache/ms-playwright/chromium/chrome";

/** A machine on which exactly these programs start. */
function machine(programs: readonly string[], changes: Partial<BrowserPlaces> = {}): BrowserPlaces {
  const places = { platform: "linux", env: { PATH: "/opt/bin:/usr/bin" }, playwrights: own } as const;
  return { ...places, starts: (program) => programs.includes(program), ...changes };
}

describe("looking for a Chromium", () => {
  it.each([
    ["the system's, before Playwright's", ["/usr/bin/chromium", own], "/usr/bin/chromium"],
    ["one from any folder of PATH", ["/opt/bin/google-chrome"], "/opt/bin/google-chrome"],
    ["Chromium before Chrome", ["/opt/bin/google-chrome", "/usr/bin/chromium"], "/usr/bin/chromium"],
    ["Edge", ["/usr/bin/microsoft-edge"], "/usr/bin/microsoft-edge"],
    ["Playwright's where the system's does not start", [own], own],
    ["nothing", [], undefined],
    ["nothing outside PATH", ["/usr/games/chromium"], undefined],
  ])("finds %s", (_name, programs, expected) => {
    expect(findChromium(machine(programs))).toBe(expected);
  });

  it("takes the one that the user names, and no other in its place", () => {
    const env = { PATH: "/usr/bin", HOLOSCOPE_CHROMIUM: "/my/chrome" };
    expect(findChromium(machine(["/my/chrome", "/usr/bin/chromium"], { env }))).toBe("/my/chrome");
    expect(findChromium(machine(["/usr/bin/chromium", own], { env }))).toBeUndefined();
    expect(chromiumAdvice(env)).toContain("/my/chrome");
    const empty = { PATH: "/usr/bin", HOLOSCOPE_CHROMIUM: "" };
    expect(findChromium(machine(["/usr/bin/chromium"], { env: empty }))).toBe("/usr/bin/chromium");
  });

  it("knows where macOS and Windows keep their browsers", () => {
    const chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
    expect(findChromium(machine([chrome], { platform: "darwin" }))).toBe(chrome);
    const edge = "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe";
    const env = { PROGRAMFILES: "C:\\Program Files", "PROGRAMFILES(X86)": "C:\\Program Files (x86)" };
    expect(findChromium(machine([edge], { platform: "win32", env }))).toBe(edge);
    expect(findChromium(machine(["/usr/bin/chromium"], { platform: "win32", env }))).toBeUndefined();
  });
});

describe("getting a Chromium", () => {
  /** Tries a download and the package manager on a machine with `programs`, of which each may add its own. */
  function get(programs: string[], gives: { readonly download?: string; readonly apt?: string }, env = {}) {
    const lines: string[] = [];
    const way = (what: string, program: string | undefined) => ({
      what,
      go: () => {
        if (program !== undefined) programs.push(program);
      },
    });
    const ways = [way("download", gives.download), way("apt", gives.apt)];
    const places = machine(programs, { env: { PATH: "/usr/bin", ...env } });
    return { found: obtainChromium(ways, (line) => lines.push(line), places), lines };
  }

  it("does nothing where there is one", () => {
    expect(get(["/usr/bin/chromium"], { download: own })).toEqual({ found: "/usr/bin/chromium", lines: [] });
  });

  it("downloads Playwright's, and asks the package manager only if that gave none", () => {
    expect(get([], { download: own, apt: "/usr/bin/chromium" })).toEqual({
      found: own,
      lines: ["no Chromium yet: download"],
    });
    expect(get([], { apt: "/usr/bin/chromium" })).toEqual({
      found: "/usr/bin/chromium",
      lines: ["no Chromium yet: download", "no Chromium yet: apt"],
    });
  });

  it("finds none where every way fails, and says what to install in one line", () => {
    expect(get([], {}).found).toBeUndefined();
    expect(chromiumAdvice({})).toMatch(/^No Chromium found\. .*apt-get install chromium.*HOLOSCOPE_CHROMIUM\.$/);
  });

  it("gets none in place of the one that the user names", () => {
    expect(get([], { download: own }, { HOLOSCOPE_CHROMIUM: "/my/chrome" })).toEqual({ found: undefined, lines: [] });
  });
});
