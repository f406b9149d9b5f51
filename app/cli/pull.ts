import { defined, type RemoteFile, type RemoteListing } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { formatBytes } from "../presentation/numbers.ts";
import { fitTexts } from "../presentation/texts.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./errors.ts";
import { followJob } from "./job-progress.ts";
import { type Field, tableOf } from "./table.ts";
import { oneLine, type Terminal } from "./terminal.ts";

export interface PullOptions {
  readonly quant?: string;
  readonly file?: string;
  readonly mmproj?: string;
  readonly name?: string;
  readonly list?: boolean;
}

/** Lists a repository's GGUF files, lets the user choose where there is a choice, and downloads the pair. */
export async function pullModel(
  environment: Environment,
  host: Host,
  reference: string,
  options: PullOptions,
): Promise<void> {
  const { terminal } = environment;
  const wanted = options.file ?? options.quant;
  const listing = await host.call("models.remote.list", {
    reference: wanted === undefined ? reference : `${reference}:${wanted}`,
  });
  if (options.list === true) return showFiles(terminal, listing);
  const model = listing.suggestedModel ?? (await chooseModel(environment, listing));
  const mmproj = options.mmproj === undefined ? undefined : mmprojOf(listing, options.mmproj);
  const { entry, resumedBytes } = await followJob(environment, host, () =>
    host.call("models.pull", { reference: listing.repository, model, ...defined({ mmproj, name: options.name }) }),
  );
  if (entry === undefined) return;
  const resumed = resumedBytes === undefined ? "" : ` (${formatBytes(resumedBytes)} were here already)`;
  terminal.out(
    `Pulled ${oneLine(entry.name)} as ${entry.id}${resumed}.\nTry: holoscope detect IMAGE --model ${entry.id}\n`,
  );
}

function showFiles(terminal: Terminal, { repository, models, mmprojs, suggestedMmproj }: RemoteListing): void {
  const fields: readonly Field<RemoteFile>[] = [
    {
      title: oneLine(repository),
      flexible: true,
      of: ({ path, parts }) => (parts.length > 1 ? `${path} (${parts.length} parts)` : path),
    },
    { title: "weights", of: ({ quantisation = "" }) => quantisation },
    { title: "size", align: "right", of: ({ bytes }) => formatBytes(bytes) },
    {
      title: "fits",
      of: ({ fit, path }) => (fit ? fitTexts[fit.verdict] : path === suggestedMmproj ? "taken if none is named" : ""),
    },
  ];
  terminal.out(tableOf(terminal, fields, [...models, ...mmprojs]));
}

async function chooseModel({ terminal, ask }: Environment, listing: RemoteListing): Promise<string> {
  const { models } = listing;
  showFiles(terminal, listing);
  if (ask === undefined) {
    throw new UsageError(
      `${listing.repository} has ${models.length} models to choose from.`,
      "Add --quant with one of the weights, or --file with one of the names above.",
    );
  }
  const answer = (await ask("Weights or number of the model to pull: ")).trim().toLowerCase();
  const matches = models.filter(
    (file, index) =>
      file.path.toLowerCase() === answer || file.quantisation?.toLowerCase() === answer || String(index + 1) === answer,
  );
  const [only, ...others] = matches;
  if (only === undefined || others.length > 0) throw new UsageError("That matches no model, or several.");
  return only.path;
}

function mmprojOf({ mmprojs, repository }: RemoteListing, wanted: string): string {
  const text = wanted.toLowerCase();
  const found = mmprojs.find((file) => file.path.toLowerCase() === text || file.quantisation?.toLowerCase() === text);
  if (found !== undefined) return found.path;
  const names = mmprojs.map((file) => file.path).join(", ");
  throw new UsageError(
    `${repository} has no mmproj "${oneLine(wanted)}".`,
    names === "" ? undefined : `It has: ${names}.`,
  );
}
