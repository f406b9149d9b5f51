import { readdirSync } from "node:fs";

/** File names by which Linux shows a GPU: NVIDIA's driver, or any DRM render node. */
const linuxDevices: ReadonlyArray<readonly [folder: string, pattern: RegExp]> = [
  ["/dev", /^nvidia\d+$/],
  ["/dev/dri", /^renderD\d+$/],
];

/**
 * Whether this machine surely has a GPU, used or not: what makes running on the CPU worth a warning. Windows offers
 * no cheap way to tell, so the answer there is no; a GPU whose driver is found is tried in any case.
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
