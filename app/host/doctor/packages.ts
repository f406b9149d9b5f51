import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Backend } from "../../contract/index.ts";

interface BackendPackage {
  /** "@node-llama-cpp/linux-x64-cuda" */
  readonly name: string;
  readonly installed: boolean;
}

/** Installed packages with node-llama-cpp's prebuilt libraries: names of folders beside it, without the scope. */
export async function installedPackages(): Promise<readonly string[]> {
  try {
    const entry = createRequire(import.meta.url).resolve("node-llama-cpp");
    const nodeModules = entry.slice(0, entry.lastIndexOf(`${path.sep}node-llama-cpp${path.sep}`));
    return await readdir(path.join(nodeModules, scope));
  } catch {
    return [];
  }
}

const scope = "@node-llama-cpp";
const platformNames: Readonly<Record<string, string>> = { win32: "win", darwin: "mac" };
const archNames: Readonly<Record<string, string>> = { arm: "armv7l" };

/** The package with a backend's libraries; on Apple Silicon one package has Metal and the CPU. */
export function packageOf(
  backend: Backend,
  installed: readonly string[],
  platform: string = process.platform,
  arch: string = process.arch,
): BackendPackage {
  const base = `${platformNames[platform] ?? platform}-${archNames[arch] ?? arch}`;
  const plain = backend === "cpu" && platform === "darwin" && arch === "arm64" ? `${base}-metal` : base;
  const name = backend === "cpu" ? plain : `${base}-${backend}`;
  return { name: `${scope}/${name}`, installed: installed.includes(name) };
}
