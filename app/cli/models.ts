import path from "node:path";
import type { GgufSummary, ModelEntry, ModelFit, UnfinishedPull } from "../contract/index.ts";
import type { Environment } from "./environment.ts";
import { formatBytes } from "./numbers.ts";
import { renderTable } from "./table.ts";
import { oneLine } from "./terminal.ts";
import { withHost } from "./with-host.ts";

/** What the verdict of an estimate means, for a table. */
export const fitTexts: Readonly<Record<ModelFit["verdict"], string>> = {
  gpu: "GPU",
  "gpu-partly": "GPU in part",
  cpu: "memory",
  "too-large": "too large",
};

/** One line for each known model; the star marks the one used when a command names none. */
export function listModels(environment: Environment): Promise<number> {
  return withHost(environment, async (host) => {
    const [models, settings] = [await host.call("models.list", {}), await host.call("settings.get", {})];
    const storage = await host.call("models.storage", {});
    const fits = new Map(
      storage.models.map(({ id, missing, fit }) => [id, missing ? "missing" : fit && fitTexts[fit.verdict]]),
    );
    const columns = [
      { title: "" },
      { title: "id" },
      { title: "name", flexible: true },
      { title: "family" },
      { title: "weights" },
      { title: "size", align: "right" },
      { title: "fits" },
      { title: "detect" },
      { title: "locate" },
    ] as const;
    const rows = models.map((model) => [
      model.id === settings.modelId ? "*" : "",
      model.id,
      model.name,
      model.family,
      model.quantisation ?? "",
      formatBytes(model.bytes),
      fits.get(model.id) ?? "",
      model.modes.detect,
      model.modes.locate,
    ]);
    environment.terminal.out(renderTable(environment.terminal, columns, rows));
    for (const pull of storage.unfinished) environment.terminal.out(unfinishedLines(pull));
  });
}

function unfinishedLines({ id, request, bytesDone, bytesTotal }: UnfinishedPull): string {
  const fetched = `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`;
  const again = `holoscope models pull ${request.reference} --file ${request.model}`;
  return `\nUnfinished: ${oneLine(id)} (${fetched}).\n  To go on: ${oneLine(again)}\n  To remove it: holoscope models discard ${oneLine(id)}\n`;
}

/** Makes a pair of GGUF files known; the mmproj is looked for beside the model when it is not named. */
export function addModel(environment: Environment, model: string, options: { mmproj?: string }): Promise<number> {
  return withHost(environment, async (host) => {
    const entry = await host.call("models.add", {
      modelPath: path.resolve(model),
      ...(options.mmproj === undefined ? {} : { mmprojPath: path.resolve(options.mmproj) }),
    });
    environment.terminal.out(
      `Added ${oneLine(entry.name)} as ${entry.id} (${entry.family}).\nTry: holoscope detect IMAGE --model ${entry.id}\n`,
    );
  });
}

function entryLines(entry: ModelEntry): string[] {
  return [
    `${entry.id}: ${entry.name}`,
    `family ${entry.family}, architecture ${entry.architecture}, ${formatBytes(entry.bytes)}`,
    `detect all: ${entry.modes.detect}; locate a target: ${entry.modes.locate}`,
  ];
}

function fileLines(role: string, file: GgufSummary): string[] {
  const facts = [
    file.architecture,
    ...(file.projector === undefined ? [] : [`projector ${file.projector}`]),
    ...(file.quantisation === undefined ? [] : [file.quantisation]),
    ...(file.contextLength === undefined ? [] : [`context of ${file.contextLength} tokens`]),
    formatBytes(file.bytes),
  ];
  return [`${role}: ${file.path}`, `  ${facts.join(", ")}`];
}

/** What the headers of a pair say, with the bytes of each tensor type: whether a GPU has kernels for them. */
export function showModel(environment: Environment, id: string): Promise<number> {
  return withHost(environment, async (host) => {
    const { terminal } = environment;
    const { entry, inspection } = await host.call("models.info", { id });
    const lines = [
      ...entryLines(entry),
      ...fileLines("model", inspection.model),
      ...fileLines("mmproj", inspection.mmproj),
    ];
    for (const line of lines) terminal.out(`${line.startsWith("  ") ? "  " : ""}${oneLine(line)}\n`);
    const rows = [inspection.model, inspection.mmproj].flatMap((file, index) =>
      Object.entries(file.tensorTypes).map(([type, { tensors, bytes }]) => [
        index === 0 ? "model" : "mmproj",
        type,
        String(tensors),
        formatBytes(bytes),
      ]),
    );
    const columns = [
      { title: "file" },
      { title: "type" },
      { title: "tensors", align: "right" },
      { title: "size", align: "right" },
    ] as const;
    terminal.out(`\n${renderTable(terminal, columns, rows)}`);
  });
}
