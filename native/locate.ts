/** Where built addons and their shared libraries lie: in a checkout, or inside a packaged application. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NativeVariant } from "./types.ts";
import { findBinaries, type VariantBinaries } from "./variants.ts";

export interface NativeLayout {
  /** Holds `<variant>/holoscope.node`. */
  readonly addons: string;
  /** The `node_modules` folder that holds the prebuilt libraries as real files. */
  readonly nodeModules: string;
}

export interface LocatedAddon {
  /** Absolute path of `holoscope.node`. */
  readonly addon: string;
  readonly binaries: VariantBinaries;
}

/** The folder whose package.json is Holoscope's, at or above `start`. */
function findRoot(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
      if (typeof parsed === "object" && parsed !== null && "name" in parsed && parsed.name === "holoscope")
        return folder;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * @param moduleUrl `import.meta.url` of any of our modules; bundled ones lie somewhere below the root as well
 * @param resourcesPath Electron's `process.resourcesPath`, where there is one
 */
export function findLayout(moduleUrl: string, resourcesPath: string | undefined): NativeLayout | undefined {
  // Electron's own resources folder, as used from a checkout, has no `native` in it.
  if (resourcesPath !== undefined && existsSync(join(resourcesPath, "native"))) {
    return {
      addons: join(resourcesPath, "native"),
      nodeModules: join(resourcesPath, "app.asar.unpacked", "node_modules"),
    };
  }
  const root = findRoot(dirname(fileURLToPath(moduleUrl)));
  if (root === undefined) return undefined;
  // "sanitized" for `npm run test:sanitize`. Only read in a checkout: a packaged application has one addon of each variant.
  const flavour = process.env.HOLOSCOPE_ADDON === "sanitized" ? "sanitized" : "out";
  return { addons: join(root, "native", "build", flavour), nodeModules: join(root, "node_modules") };
}

/** The addon of a variant, if it is built and its libraries are installed. */
export function locateAddon(layout: NativeLayout, variant: NativeVariant): LocatedAddon | undefined {
  const addon = join(layout.addons, variant, "holoscope.node");
  const binaries = findBinaries(layout.nodeModules, variant);
  return binaries !== undefined && existsSync(addon) ? { addon, binaries } : undefined;
}
