import path from "node:path";
import {
  type ConversionTarget,
  defined,
  type GgufSummary,
  type ModelEntry,
  type ModelSuggestion,
  type PairInspection,
  type UnfinishedPull,
} from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { formatBytes, formatCount, plural } from "../presentation/numbers.ts";
import { templateLines } from "../presentation/template-check.ts";
import { fitTexts } from "../presentation/texts.ts";
import { pairOf } from "./choose-model.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./errors.ts";
import { followJob } from "./job-progress.ts";
import { type Field, tableOf } from "./table.ts";
import { oneLine } from "./terminal.ts";

/** Prints one line for each model; a star marks the default one. */
export async function listModels({ terminal }: Environment, host: Host): Promise<void> {
  const [models, settings] = [await host.call("models.list", {}), await host.call("settings.get", {})];
  const storage = await host.call("models.storage", {});
  const fits = new Map(
    storage.models.map(({ id, missing, fit }) => [id, missing ? "missing" : fit && fitTexts[fit.verdict]]),
  );
  const fields: readonly Field<ModelEntry>[] = [
    { title: "", of: ({ id }) => (id === settings.modelId ? "*" : "") },
    { title: "id", of: ({ id }) => id },
    { title: "name", flexible: true, of: ({ name }) => name },
    { title: "family", of: ({ family }) => family },
    { title: "weights", of: ({ quantisation = "" }) => quantisation },
    { title: "size", align: "right", of: ({ bytes }) => formatBytes(bytes) },
    { title: "fits", of: ({ id }) => fits.get(id) ?? "" },
    { title: "detect", of: ({ modes }) => modes.detect },
    { title: "locate", of: ({ modes }) => modes.locate },
  ];
  terminal.out(tableOf(terminal, fields, models));
  for (const pull of storage.unfinished) terminal.out(unfinishedLines(pull));
  for (const { id, bytes } of storage.unused) {
    const file = oneLine(id);
    terminal.out(
      `\nUsed by no model: ${file} (${formatBytes(bytes)}).\n  To remove it: holoscope models discard ${file}\n`,
    );
  }
}

function unfinishedLines({ id, request, bytesDone, bytesTotal }: UnfinishedPull): string {
  const fetched = `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`;
  const again = `holoscope models pull ${request.reference} --file ${request.model}`;
  return `\nUnfinished: ${oneLine(id)} (${fetched}).\n  To resume: ${oneLine(again)}\n  To remove it: holoscope models discard ${oneLine(id)}\n`;
}

/** Adds a pair of GGUF files; unless named, the mmproj is searched for beside the model. */
export async function addModel(
  { terminal }: Environment,
  host: Host,
  model: string,
  options: { mmproj?: string },
): Promise<void> {
  const entry = await host.call("models.add", pairOf(model, options.mmproj));
  terminal.out(
    `Added ${oneLine(entry.name)} as ${entry.id} (${entry.family}).\nTry: holoscope detect IMAGE --model ${entry.id}\n`,
  );
}

function entryLines(entry: ModelEntry): string[] {
  return [
    `${entry.id}: ${entry.name}`,
    `family ${entry.family}, architecture ${entry.architecture}, ${formatBytes(entry.bytes)}`,
    `detect all: ${entry.modes.detect}; locate a target: ${entry.modes.locate}`,
  ];
}

/** How the model is asked, and where that is not what its own chat template gives. */
function presetLines({ preset: chosen }: ModelEntry, { preset, template }: PairInspection): string[] {
  const how = preset === undefined ? [] : [`preset: ${preset} (${chosen === undefined ? "by its name" : "chosen"})`];
  return template === undefined ? how : [...how, ...templateLines(template)];
}

function fileLines(role: string, file: GgufSummary): string[] {
  const { architecture, projector, quantisation, contextLength, bytes } = file;
  const facts = [
    architecture,
    projector && `projector ${projector}`,
    quantisation,
    contextLength === undefined ? undefined : `context of ${contextLength} tokens`,
    formatBytes(bytes),
  ].filter((fact) => fact !== undefined);
  return [`${role}: ${file.path}`, `  ${facts.join(", ")}`];
}

/**
 * Prints what the headers of a pair say, with the bytes of each tensor type, which decide whether a GPU has kernels for
 * it.
 */
export async function showModel({ terminal }: Environment, host: Host, id: string): Promise<void> {
  const { entry, inspection } = await host.call("models.info", { id });
  const lines = [
    ...entryLines(entry),
    ...presetLines(entry, inspection),
    ...fileLines("model", inspection.model),
    ...fileLines("mmproj", inspection.mmproj),
  ];
  for (const line of lines) terminal.out(`${line.startsWith("  ") ? "  " : ""}${oneLine(line)}\n`);
  const types = (["model", "mmproj"] as const).flatMap((role) =>
    Object.entries(inspection[role].tensorTypes).map(([type, counts]) => ({ role, type, ...counts })),
  );
  const fields: readonly Field<(typeof types)[number]>[] = [
    { title: "file", of: ({ role }) => role },
    { title: "type", of: ({ type }) => type },
    { title: "tensors", align: "right", of: ({ tensors }) => formatCount(tensors) },
    { title: "size", align: "right", of: ({ bytes }) => formatBytes(bytes) },
  ];
  terminal.out(`\n${tableOf(terminal, fields, types)}`);
}

/** Copies a pair into the models folder and adds it. */
export async function importModel(
  environment: Environment,
  host: Host,
  model: string,
  options: { mmproj?: string; name?: string },
): Promise<void> {
  const { entry } = await followJob(environment, host, () =>
    host.call("models.import", { ...pairOf(model, options.mmproj), ...defined({ name: options.name }) }),
  );
  if (entry !== undefined) environment.terminal.out(`Copied and added ${oneLine(entry.name)} as ${entry.id}.\n`);
}

/** Forgets a model; with `files` its files in the models folder are deleted permanently. */
export async function removeModel(
  { terminal }: Environment,
  host: Host,
  id: string,
  options: { files?: boolean },
): Promise<void> {
  const deleteFiles = options.files === true;
  const { removed, freedBytes } = await host.call("models.remove", { id, deleteFiles });
  if (!removed) throw new UsageError(`There is no model "${id}".`, "holoscope models list shows them.");
  const freed = freedBytes > 0 ? ` and deleted its files (${formatBytes(freedBytes)})` : "; its files stay";
  terminal.out(`Removed ${id}${freed}.\n`);
}

/** Removes what an interrupted download has fetched, or a file that no model uses. */
export async function discardDownload({ terminal }: Environment, host: Host, id: string): Promise<void> {
  const { discarded } = await host.call("models.discard", { id });
  if (!discarded) {
    throw new UsageError(
      `There is no unfinished download or unused file "${id}".`,
      "holoscope models list shows them.",
    );
  }
  terminal.out(`Removed ${oneLine(id)}.\n`);
}

/** Writes a copy of a GGUF file without bf16 tensors. */
export async function convertModel(
  environment: Environment,
  host: Host,
  input: string,
  output: string,
  to: ConversionTarget,
): Promise<void> {
  const { conversion } = await followJob(environment, host, () =>
    host.call("models.convert", { input: path.resolve(input), output: path.resolve(output), to }),
  );
  if (conversion === undefined) return;
  const { terminal } = environment;
  const { convertedTensors, convertedValues, keptTensors, overflows, vanishedValues, outputBytes, sha256 } = conversion;
  terminal.out(
    `${oneLine(output)}: ${plural(convertedTensors, "bf16 tensor")} (${convertedValues} values) became ${to}, ` +
      `${plural(keptTensors, "other")} copied unchanged; ${formatBytes(outputBytes)}, read back and compared.\n`,
  );
  if (vanishedValues > 0) terminal.out(`${vanishedValues} values were too small for f16 and became zero.\n`);
  if (overflows.length > 0) {
    const fields: readonly Field<(typeof overflows)[number]>[] = [
      { title: "tensor with values beyond 65504", flexible: true, of: ({ tensor }) => tensor },
      { title: "values", align: "right", of: ({ values }) => formatCount(values) },
    ];
    terminal.out(tableOf(terminal, fields, overflows));
  }
  terminal.out(`sha256 ${sha256}\n`);
}

/** Lists models known to work, as references. */
export async function suggestModels({ terminal }: Environment, host: Host): Promise<void> {
  const fields: readonly Field<ModelSuggestion>[] = [
    { title: "model", of: ({ name }) => name },
    { title: "reference", of: ({ reference }) => reference },
    { title: "good for", flexible: true, of: ({ note }) => note },
  ];
  terminal.out(tableOf(terminal, fields, await host.call("models.suggestions", {})));
  terminal.out(
    "\nThese are references only; the hub was not asked. List a repository: holoscope models pull REFERENCE --list\n",
  );
}
