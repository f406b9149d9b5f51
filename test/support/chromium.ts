import { existsSync } from "node:fs";
import { chromium } from "playwright";

const wellKnown = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * The Chromium that browser tests drive: HOLOSCOPE_CHROMIUM, else Playwright's own if it was downloaded,
 * else the system's. Throws with what to install when there is none.
 */
export function chromiumPath(): string {
  const candidates = [process.env.HOLOSCOPE_CHROMIUM, chromium.executablePath(), ...wellKnown];
  const found = candidates.find((candidate) => candidate !== undefined && candidate !== "" && existsSync(candidate));
  if (found) return found;
  throw new Error(
    "No Chromium found. Debian/Ubuntu: apt-get install chromium; elsewhere: npx playwright install chromium; or set HOLOSCOPE_CHROMIUM.",
  );
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
