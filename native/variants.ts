/**
 * Which prebuilt llama.cpp package serves which variant, and where its files lie.
 * Shared by the build (which links against them) and by the loader (which finds them at run time).
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { NativeVariant } from "./types.ts";

/** Packages of the scope `@node-llama-cpp` by `process.platform`-`process.arch`. */
const PACKAGES: Readonly<Record<string, Partial<Record<NativeVariant, string>>>> = {
  "linux-x64": { cpu: "linux-x64", cuda: "linux-x64-cuda", vulkan: "linux-x64-vulkan" },
  "linux-arm64": { cpu: "linux-arm64" },
  "linux-arm": { cpu: "linux-armv7l" },
  "linux-riscv64": { cpu: "linux-riscv64" },
  // Apple Silicon has one package; the cpu variant of the addon ignores its GPU.
  "darwin-arm64": { cpu: "mac-arm64-metal", metal: "mac-arm64-metal" },
  "darwin-x64": { cpu: "mac-x64" },
  "win32-x64": { cpu: "win-x64", cuda: "win-x64-cuda", vulkan: "win-x64-vulkan" },
  "win32-arm64": { cpu: "win-arm64" },
};

export const ALL_VARIANTS: readonly NativeVariant[] = ["cpu", "cuda", "vulkan", "metal"];

export interface VariantBinaries {
  readonly variant: NativeVariant;
  /** Path of the folder with the shared libraries, relative to `node_modules`, with forward slashes. */
  readonly relativeBins: string;
  /** The same folder, absolute. */
  readonly bins: string;
  /** Backend libraries to try when the folder's own cannot be loaded (older CUDA drivers), absolute. */
  readonly fallbackBackends: readonly string[];
}

/** The one folder inside `bins/` of a package, named after its build. */
function onlyFolder(parent: string): string | undefined {
  if (!existsSync(parent)) return undefined;
  return readdirSync(parent, { withFileTypes: true }).find((entry) => entry.isDirectory())?.name;
}

/**
 * The binaries of one variant under a `node_modules` folder, or undefined when its package is not installed.
 * @param nodeModules absolute path of `node_modules`
 */
export function findBinaries(
  nodeModules: string,
  variant: NativeVariant,
  platform: string = process.platform,
  arch: string = process.arch,
): VariantBinaries | undefined {
  const name = PACKAGES[`${platform}-${arch}`]?.[variant];
  if (name === undefined) return undefined;
  const scope = "@node-llama-cpp";
  const folder = onlyFolder(join(nodeModules, scope, name, "bins"));
  if (folder === undefined) return undefined;

  const fallback = join(nodeModules, scope, `${name}-ext`, "bins", folder, "fallback");
  const fallbackBackends = existsSync(fallback)
    ? readdirSync(fallback)
        .filter((file) => /ggml-.*\.(so|dll|dylib)$/.test(file))
        .map((file) => join(fallback, file))
    : [];
  return {
    variant,
    relativeBins: `${scope}/${name}/bins/${folder}`,
    bins: join(nodeModules, scope, name, "bins", folder),
    fallbackBackends,
  };
}
