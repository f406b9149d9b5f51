import { readFile, stat } from "node:fs/promises";
import { HoloscopeError, type MethodResult, maxPresetCharacters } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./errors.ts";
import { type Field, tableOf } from "./table.ts";
import { oneLine } from "./terminal.ts";

type Listed = MethodResult<"models.presets.list">["presets"][number];

/** Lists all presets; what of the user's files could not be read follows. */
export async function listPresets({ terminal }: Environment, host: Host): Promise<void> {
  const { presets, problems } = await host.call("models.presets.list", {});
  const fields: readonly Field<Listed>[] = [
    { title: "preset", of: ({ id }) => id },
    { title: "name", of: ({ name }) => name },
    { title: "made from", of: ({ base }) => base },
    { title: "detect", of: ({ modes }) => modes.detect },
    { title: "locate", of: ({ modes }) => modes.locate },
    { title: "facts from", flexible: true, of: ({ own, source }) => (own ? `yours: ${source}` : source) },
  ];
  terminal.out(tableOf(terminal, fields, presets));
  for (const { message, hint } of problems) terminal.out(`\n${oneLine(message)}\n  ${oneLine(hint ?? "")}\n`);
}

/** Prints a preset as JSON. */
export async function showPreset({ terminal }: Environment, host: Host, id: string): Promise<void> {
  terminal.out(`${JSON.stringify(await host.call("models.presets.get", { id }), null, 2)}\n`);
}

/** Adds a preset from a file. */
export async function addPreset({ terminal }: Environment, host: Host, file: string): Promise<void> {
  const { id, name } = await host.call("models.presets.add", { json: await textOf(file) });
  terminal.out(`Added the preset ${oneLine(name)} as ${id}.\nTry: holoscope models preset MODEL ${id}\n`);
}

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= maxPresetCharacters) return await readFile(file, "utf8");
  } catch (error) {
    throw new HoloscopeError(
      "FILE_MISSING",
      `"${oneLine(file)}" does not exist or cannot be read.`,
      "Check its path.",
      String(error),
    );
  }
  throw new HoloscopeError(
    "PRESET_INVALID",
    `"${oneLine(file)}" is too large for a preset.`,
    "Choose a preset's file.",
  );
}

/** Removes a preset of the user's. */
export async function removePreset({ terminal }: Environment, host: Host, id: string): Promise<void> {
  const { removed } = await host.call("models.presets.remove", { id });
  if (!removed) throw new UsageError(`There is no preset "${oneLine(id)}".`, "holoscope models presets lists them.");
  terminal.out(`Removed the preset ${id}.\n`);
}

/** Chooses the preset of a model. */
export async function choosePreset({ terminal }: Environment, host: Host, id: string, preset: string): Promise<void> {
  const auto = preset === "auto";
  const entry = await host.call("models.presets.choose", { id, preset: auto ? null : preset });
  const { inspection } = await host.call("models.info", { id });
  const how = `${inspection.preset}${auto ? ", by its name" : ""}`;
  terminal.out(`${oneLine(entry.name)} is asked with the preset ${how}, from the next detection on.\n`);
}
