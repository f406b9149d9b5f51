import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** ms that downloading the runtime (about 110 MB) may take. */
const fetchLimitMs = 300_000;

/** Where the program lies in an Electron distribution folder (Electron's own layout). */
export function programIn(platform: NodeJS.Platform): string {
  if (platform === "darwin") return path.join("Electron.app", "Contents", "MacOS", "Electron");
  return platform === "win32" ? "electron.exe" : "electron";
}

interface RuntimeQuery {
  /** node_modules/electron, or undefined where the package is not installed. */
  readonly electronFolder: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/**
 * The Electron program, or undefined if it is not on this machine. ELECTRON_OVERRIDE_DIST_PATH names another
 * distribution folder, as it does for Electron's own starter; then the installed one is not looked at.
 */
export function findRuntime({ electronFolder, env, platform }: RuntimeQuery): string | undefined {
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  const candidates: string[] = [];
  if (override) {
    candidates.push(path.join(override, programIn(platform)));
  } else if (electronFolder !== undefined) {
    // path.txt is written last, when the runtime is completely unpacked.
    const pointer = path.join(electronFolder, "path.txt");
    if (existsSync(pointer)) candidates.push(path.join(electronFolder, "dist", readFileSync(pointer, "utf8").trim()));
  }
  return candidates.find((file) => existsSync(file));
}

/** True if `version` ("20.19.0") is at least `minimum` ("22.12.0"). */
export function isAtLeast(version: string, minimum: string): boolean {
  const [have, want] = [version, minimum].map((text) => text.split(".").map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (have?.[part] ?? 0) - (want?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * Runs Electron's own installer, quietly.
 * @returns undefined if it succeeded, else the reason in a few words
 */
export function fetchRuntime(electronFolder: string, limitMs: number = fetchLimitMs): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(electronFolder, "install.js")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, limitMs);
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => {
      errors += text;
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(undefined);
      else if (timedOut) resolve(`not finished after ${limitMs / 1000} s`);
      else resolve(reasonIn(errors) ?? `the installer ended with code ${code}`);
    });
  });
}

/** The first line of an installer's stack trace, without the name of the error class; its cause where one is told. */
export function reasonIn(errors: string): string | undefined {
  const lines = errors.split("\n").map((line) => line.trim());
  const causes = lines.flatMap(
    (line) => line.match(/\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN)\b/) ?? [],
  );
  const first = lines.find((line) => line !== "")?.replace(/^\w*Error: /, "");
  return causes[0] === undefined || first === undefined || first.includes(causes[0])
    ? first
    : `${first} (${causes[0]})`;
}
