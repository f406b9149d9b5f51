import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "playwright";
import { chromiumAdvice, obtainChromium, type WayToChromium } from "./chromium.ts";

/**
 * A step of `npm test`: makes sure that there is a Chromium for the browser tests. Where it cannot be had, says in one
 * line what to install and ends with 1.
 */
const quiet: SpawnSyncOptions = { stdio: "ignore", shell: process.platform === "win32" };

/** Runs a program as root if that needs no password; whether it succeeded. */
function asRoot(command: string, ...args: string[]): boolean {
  const whole = process.getuid?.() === 0 ? [command, ...args] : ["sudo", "-n", command, ...args];
  const [program = "", ...rest] = whole;
  return (
    spawnSync(program, rest, { ...quiet, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } }).status === 0
  );
}

const ways: readonly WayToChromium[] = [
  {
    what: "downloading Playwright's",
    go: () => void spawnSync("npx", ["playwright", "install", "chromium"], quiet),
  },
  {
    what: "asking apt-get for it",
    go: () => {
      if (!asRoot("apt-get", "update", "-qq")) return;
      // What was downloaded may only lack libraries of the system.
      if (existsSync(chromium.executablePath())) asRoot("npx", "playwright", "install-deps", "chromium");
      else asRoot("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core");
    },
  },
];

const found = obtainChromium(ways, console.log);
if (found === undefined) console.error(chromiumAdvice());
else console.log(found);
process.exitCode = found === undefined ? 1 : 0;
