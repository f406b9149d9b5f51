import path from "node:path";
import type { GgufSummary, ModelEntry } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { Environment } from "./environment.ts";
import { exitCodes } from "./errors.ts";
import { formatBytes } from "./numbers.ts";
import { renderTable } from "./table.ts";
import { oneLine } from "./terminal.ts";

async function withHost(environment: Environment, use: (host: Host) => Promise<void>): Promise<number> {
  const host = await environment.openHost("desktop");
  try {
    await use(host);
  } finally {
    await host.close();
  }
  return exitCodes.done;
}

/** One line for each known model; the star marks the one used when a command names none. */
export function listModels(environment: Environment): Promise<number> {
  return withHost(environment, async (host) => {
    const [models, settings] = [await host.call("models.list", {}), await host.call("settings.get", {})];
    const columns = [
      { title: "" },
      { title: "id" },
      { title: "name", flexible: true },
      { title: "family" },
      { title: "weights" },
      { title: "size", align: "right" },
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
      model.modes.detect,
      model.modes.locate,
    ]);
    environment.terminal.out(renderTable(environment.terminal, columns, rows));
  });
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
