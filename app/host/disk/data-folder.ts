import os from "node:os";
import path from "node:path";

/** What the data folder is chosen by; the running process's own values by default. */
interface DataFolderEnvironment {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

function present(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value;
}

/**
 * Where the host keeps images, runs, settings and logs, as each platform expects it; HOLOSCOPE_DATA overrides it.
 * Linux: XDG Base Directory Specification (a relative XDG_DATA_HOME is to be ignored).
 */
export function defaultDataFolder(
  { platform, env, home }: DataFolderEnvironment = {
    platform: process.platform,
    env: process.env,
    home: os.homedir(),
  },
): string {
  const chosen = present(env.HOLOSCOPE_DATA);
  if (chosen !== undefined) return path.resolve(chosen);
  if (platform === "darwin") return path.join(home, "Library", "Application Support", "Holoscope");
  if (platform === "win32")
    return path.join(present(env.APPDATA) ?? path.join(home, "AppData", "Roaming"), "Holoscope");
  const xdg = present(env.XDG_DATA_HOME);
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(home, ".local", "share");
  return path.join(base, "holoscope");
}
