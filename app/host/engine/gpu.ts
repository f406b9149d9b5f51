import { readdirSync } from "node:fs";
import type { Backend } from "../../contract/index.ts";

/** Finds the GPU backends whose drivers are installed, best first. */
export type FindGpuTypes = () => Promise<readonly Exclude<Backend, "cpu">[]>;

/**
 * Asks node-llama-cpp, which looks for driver libraries without loading them. Imported only when needed: the import
 * takes about half a second.
 */
export const findGpuTypes: FindGpuTypes = async () => {
  const { getLlamaGpuTypes } = await import("node-llama-cpp");
  const found = await getLlamaGpuTypes("supported");
  return found.filter((type) => type !== false);
};

/** Files that exist on Linux if there is a GPU: of NVIDIA's driver, or any DRM render node. */
const linuxDevices: ReadonlyArray<readonly [folder: string, pattern: RegExp]> = [
  ["/dev", /^nvidia\d+$/],
  ["/dev/dri", /^renderD\d+$/],
];

/**
 * Whether this machine certainly has a GPU, so that running on the CPU deserves a warning. Windows offers no cheap way
 * to tell, so there the answer is no; GPUs whose driver is found are tried in any case.
 */
export function hasGpuHardware(): boolean {
  if (process.platform === "darwin") return process.arch === "arm64";
  return linuxDevices.some(([folder, pattern]) => {
    try {
      return readdirSync(folder).some((name) => pattern.test(name));
    } catch {
      return false;
    }
  });
}
