import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The name in package.json that identifies the application's own folder. */
const packageName = "holoscope";

function isApplicationFolder(folder: string): boolean {
  const manifest = path.join(folder, "package.json");
  if (!existsSync(manifest)) return false;
  try {
    const parsed: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    return typeof parsed === "object" && parsed !== null && "name" in parsed && parsed.name === packageName;
  } catch {
    return false;
  }
}

/**
 * The folder that holds package.json, dist/ and node_modules/: found by walking up from this file, which lies in
 * app/host in development and in dist/main when built (inside the asar when packaged). Throws if there is none.
 */
export function applicationFolder(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = path.dirname(from); ; folder = path.dirname(folder)) {
    if (isApplicationFolder(folder)) return folder;
    if (path.dirname(folder) === folder) throw new Error(`No package.json of ${packageName} above ${from}`);
  }
}

/** Electron's own field of `process`: where extraResources lie. Set in Electron only. */
function electronResourcesPath(): string | undefined {
  const value: unknown = Reflect.get(process, "resourcesPath");
  return typeof value === "string" ? value : undefined;
}

/**
 * The folder with models/ and samples/. Packaged it is Electron's resources folder, because models are mapped into
 * memory and so must be real files outside the asar; in development it is resources/ of the repository.
 */
export function resourcesFolder(from: string = fileURLToPath(import.meta.url)): string {
  const packaged = electronResourcesPath();
  const insideAsar = from.split(path.sep).some((part) => part.endsWith(".asar"));
  if (packaged !== undefined && insideAsar) return packaged;
  return path.join(applicationFolder(from), "resources");
}
