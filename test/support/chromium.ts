import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright";

/** Where browsers of Chromium's family are on macOS and Windows; elsewhere they are in PATH. */
const applications = {
  darwin: ["Google Chrome", "Chromium", "Microsoft Edge"].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  win32: ["Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe"],
} as const;
const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];

/** What the search looks at; tests replace it. */
export interface BrowserPlaces {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where Playwright keeps its own Chromium, whether it was downloaded or not. */
  readonly playwrights: string;
  /** Whether the program is there and starts. */
  readonly starts: (program: string) => boolean;
}

const thisMachine: BrowserPlaces = {
  platform: process.platform,
  env: process.env,
  playwrights: chromium.executablePath(),
  // On Windows a browser that is asked for its version opens a window instead. Elsewhere the question finds out stand-ins
  // that only tell how to install it, and missing libraries.
  starts: (program) =>
    existsSync(program) && (process.platform === "win32" || spawnSync(program, ["--version"]).status === 0),
};

/** The system's browsers, best first; whether they are there is another matter. */
function systemBrowsers({ platform, env }: BrowserPlaces): string[] {
  if (platform === "darwin") return [...applications.darwin];
  if (platform === "win32") {
    const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter(
      (folder) => folder !== undefined,
    );
    return applications.win32.flatMap((program) => folders.map((folder) => path.win32.join(folder, program)));
  }
  const folders = (env.PATH ?? "").split(":").filter((folder) => folder !== "");
  return commands.flatMap((command) => folders.map((folder) => path.posix.join(folder, command)));
}

/**
 * The Chromium that browser tests drive: the one that HOLOSCOPE_CHROMIUM names and no other, else the system's, else
 * Playwright's own if it was downloaded. undefined if none of them starts.
 */
export function findChromium(places: BrowserPlaces = thisMachine): string | undefined {
  const named = places.env.HOLOSCOPE_CHROMIUM;
  return (named ? [named] : [...systemBrowsers(places), places.playwrights]).find(places.starts);
}

/** A way to get a Chromium; what it did is seen by looking again. */
export interface WayToChromium {
  readonly what: string;
  readonly go: () => void;
}

/** Looks for a Chromium, and again after each way to get one until one is found. A browser named by the user is not replaced. */
export function obtainChromium(
  ways: readonly WayToChromium[],
  say: (line: string) => void,
  places: BrowserPlaces = thisMachine,
): string | undefined {
  let found = findChromium(places);
  for (const { what, go } of places.env.HOLOSCOPE_CHROMIUM ? [] : ways) {
    if (found !== undefined) break;
    say(`no Chromium yet: ${what}`);
    go();
    found = findChromium(places);
  }
  return found;
}

/** What to do where no Chromium can be had, in one line. */
export function chromiumAdvice({ HOLOSCOPE_CHROMIUM: named }: BrowserPlaces["env"] = process.env): string {
  return named
    ? `HOLOSCOPE_CHROMIUM names ${named}, which does not start.`
    : "No Chromium found. Debian or Ubuntu: apt-get install chromium; elsewhere: npx playwright install chromium; or set HOLOSCOPE_CHROMIUM.";
}

/** As {@link findChromium}; throws with what to do when there is none. */
export function chromiumPath(): string {
  const found = findChromium();
  if (found === undefined) throw new Error(chromiumAdvice());
  return found;
}

/** Chromium refuses its sandbox to root; everywhere else it stays on. */
export const chromiumArgs: readonly string[] = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
