import type { RunRecord } from "../../../app/contract/index.ts";

/**
 * Everything that has to be the same for two times to be repeats of each other: image, machine, backend and its
 * devices, model files, question and settings. Versions of the app and of llama.cpp are left out on purpose: how a
 * configuration changes from version to version is what its history is for.
 */
export function configurationKey(run: RunRecord): string {
  return JSON.stringify([
    run.image.id,
    machineKey(run),
    run.engine?.backend,
    run.engine?.devices.map(({ description }) => description).sort(),
    modelKey(run),
    run.mode,
    run.target,
    Object.entries(run.settings).sort(([a], [b]) => a.localeCompare(b)),
  ]);
}

/** The name alone may be a user's choice and the same on two machines. */
export function machineKey({ machine }: RunRecord): string {
  return JSON.stringify([machine.name, machine.platform, machine.arch, machine.cpu, machine.memoryBytes]);
}

/** By the files' hashes where they are known, else by their names and sizes. */
export function modelKey({ model }: RunRecord): string {
  return JSON.stringify([
    model.name,
    model.files.map(({ role, name, bytes, sha256 }) => [role, sha256 ?? name, bytes]),
  ]);
}
