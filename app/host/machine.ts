import os from "node:os";
import type { Machine } from "../contract/index.ts";

const platformNames: Readonly<Record<string, string>> = { darwin: "macOS", linux: "Linux", win32: "Windows" };

/** "Intel(R) Core(TM) i7-1185G7 @ 3.00GHz" becomes "Intel Core i7-1185G7". */
export function readableCpu(model: string): string {
  return model
    .replaceAll(/\((?:R|TM|C)\)/gi, "")
    .replace(/(?<!\s)\s+@.*$/, "")
    .replace(/(?<!\s)\s+CPU\b/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/**
 * This machine as run records describe it, without anything that identifies its owner.
 * @param chosenName name from the settings; empty = made from platform and CPU
 * @param physicalCores as the engine counted them; the logical cores stand in until an engine has run
 */
export function describeMachine(chosenName: string, physicalCores: number | undefined): Machine {
  const cpus = os.cpus();
  const logicalCores = Math.max(1, cpus.length);
  const cpu = readableCpu(cpus[0]?.model ?? "") || `${process.arch} processor`;
  const platform = platformNames[process.platform] ?? process.platform;
  return {
    name: chosenName.trim() || `${platform}, ${cpu}`,
    platform: process.platform,
    arch: process.arch,
    osRelease: os.release(),
    cpu,
    physicalCores: physicalCores ?? logicalCores,
    logicalCores,
    memoryBytes: os.totalmem(),
  };
}
