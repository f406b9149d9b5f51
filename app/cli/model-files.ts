import path from "node:path";
import { type ConversionTarget, conversionTargetSchema } from "../contract/index.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./errors.ts";
import { followJob } from "./job-progress.ts";
import { formatBytes, formatCount } from "./numbers.ts";
import { renderTable } from "./table.ts";
import { oneLine } from "./terminal.ts";
import { withHost } from "./with-host.ts";

/** Copies a pair into the models folder and makes it known. */
export function importModel(
  environment: Environment,
  model: string,
  options: { mmproj?: string; name?: string },
): Promise<number> {
  return withHost(environment, async (host) => {
    const { entry } = await followJob(environment, host, () =>
      host.call("models.import", {
        modelPath: path.resolve(model),
        ...(options.mmproj === undefined ? {} : { mmprojPath: path.resolve(options.mmproj) }),
        ...(options.name === undefined ? {} : { name: options.name }),
      }),
    );
    if (entry !== undefined) environment.terminal.out(`Copied and added ${oneLine(entry.name)} as ${entry.id}.\n`);
  });
}

/** Forgets a model; with `files` its files in the models folder are deleted, for good. */
export function removeModel(environment: Environment, id: string, options: { files?: boolean }): Promise<number> {
  return withHost(environment, async (host) => {
    const deleteFiles = options.files === true;
    const { removed, freedBytes } = await host.call("models.remove", { id, deleteFiles });
    if (!removed) throw new UsageError(`There is no model "${id}".`, "holoscope models list shows them.");
    const freed = freedBytes > 0 ? ` and deleted its files (${formatBytes(freedBytes)})` : "; its files stay";
    environment.terminal.out(`Removed ${id}${freed}.\n`);
  });
}

/** Removes what an interrupted download has fetched. */
export function discardDownload(environment: Environment, id: string): Promise<number> {
  return withHost(environment, async (host) => {
    const { discarded } = await host.call("models.discard", { id });
    if (!discarded) {
      throw new UsageError(`There is no unfinished download "${id}".`, "holoscope models list shows them.");
    }
    environment.terminal.out(`Removed what was fetched of ${oneLine(id)}.\n`);
  });
}

/** Writes a copy of a GGUF file without bf16 tensors. */
export function convertModel(
  environment: Environment,
  input: string,
  output: string,
  options: { bf16To: string },
): Promise<number> {
  const to = targetOf(options.bf16To);
  return withHost(environment, async (host) => {
    const { conversion } = await followJob(environment, host, () =>
      host.call("models.convert", { input: path.resolve(input), output: path.resolve(output), to }),
    );
    if (conversion === undefined) return;
    const { terminal } = environment;
    const { convertedTensors, convertedValues, keptTensors, overflows, vanishedValues, outputBytes, sha256 } =
      conversion;
    terminal.out(
      `${oneLine(output)}: ${formatCount(convertedTensors, "bf16 tensor")} (${convertedValues} values) became ${to}, ` +
        `${formatCount(keptTensors, "other")} copied unchanged; ${formatBytes(outputBytes)}, read back and compared.\n`,
    );
    if (vanishedValues > 0) terminal.out(`${vanishedValues} values were too small for f16 and became zero.\n`);
    if (overflows.length > 0) {
      const columns = [
        { title: "tensor with values beyond 65504", flexible: true },
        { title: "values", align: "right" },
      ] as const;
      terminal.out(
        renderTable(
          terminal,
          columns,
          overflows.map(({ tensor, values }) => [tensor, String(values)]),
        ),
      );
    }
    terminal.out(`sha256 ${sha256}\n`);
  });
}

function targetOf(text: string): ConversionTarget {
  const parsed = conversionTargetSchema.safeParse(text.toLowerCase());
  if (parsed.success) return parsed.data;
  throw new UsageError(`--bf16-to takes f16 or f32, not "${oneLine(text)}".`);
}

/** Models known to work, as references. */
export function suggestModels(environment: Environment): Promise<number> {
  return withHost(environment, async (host) => {
    const { terminal } = environment;
    const columns = [{ title: "model" }, { title: "reference" }, { title: "good for", flexible: true }] as const;
    const suggestions = await host.call("models.suggestions", {});
    const rows = suggestions.map(({ name, reference, note }) => [name, reference, note]);
    terminal.out(renderTable(terminal, columns, rows));
    terminal.out(
      "\nReferences only: nothing was asked of the hub. See what one has: holoscope models pull REFERENCE --list\n",
    );
  });
}
