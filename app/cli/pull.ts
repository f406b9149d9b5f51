import type { RemoteFile, RemoteListing } from "../contract/index.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./errors.ts";
import { followJob } from "./job-progress.ts";
import { fitTexts } from "./models.ts";
import { formatBytes } from "./numbers.ts";
import { renderTable } from "./table.ts";
import { oneLine, type Terminal } from "./terminal.ts";
import { withHost } from "./with-host.ts";

export interface PullOptions {
  readonly quant?: string;
  readonly file?: string;
  readonly mmproj?: string;
  readonly name?: string;
  readonly list?: boolean;
}

/** Lists a repository's GGUF files, lets the user choose where there is a choice, and downloads the pair. */
export function pullModel(environment: Environment, reference: string, options: PullOptions): Promise<number> {
  const wanted = options.file ?? options.quant;
  return withHost(environment, async (host) => {
    const { terminal } = environment;
    const listing = await host.call("models.remote.list", {
      reference: wanted === undefined ? reference : `${reference}:${wanted}`,
    });
    if (options.list === true) {
      showFiles(terminal, listing);
      return;
    }
    const model = listing.suggestedModel ?? (await chooseModel(environment, listing));
    const mmproj = options.mmproj === undefined ? listing.suggestedMmproj : mmprojOf(listing, options.mmproj);
    const { entry, resumedBytes } = await followJob(environment, host, () =>
      host.call("models.pull", {
        reference: listing.repository,
        model,
        ...(mmproj === undefined ? {} : { mmproj }),
        ...(options.name === undefined ? {} : { name: options.name }),
      }),
    );
    if (entry === undefined) return;
    const resumed = resumedBytes === undefined ? "" : ` (${formatBytes(resumedBytes)} were here already)`;
    terminal.out(
      `Pulled ${oneLine(entry.name)} as ${entry.id}${resumed}.\nTry: holoscope detect IMAGE --model ${entry.id}\n`,
    );
  });
}

function showFiles(terminal: Terminal, { repository, models, mmprojs, suggestedMmproj }: RemoteListing): void {
  const columns = [
    { title: oneLine(repository), flexible: true },
    { title: "weights" },
    { title: "size", align: "right" },
    { title: "fits" },
  ] as const;
  const row = (file: RemoteFile, note: string): string[] => [
    file.parts.length > 1 ? `${file.path} (${file.parts.length} parts)` : file.path,
    file.quantisation ?? "",
    formatBytes(file.bytes),
    note,
  ];
  const rows = [
    ...models.map((file) => row(file, file.fit === undefined ? "" : fitTexts[file.fit.verdict])),
    ...mmprojs.map((file) => row(file, file.path === suggestedMmproj ? "taken if none is named" : "")),
  ];
  terminal.out(renderTable(terminal, columns, rows));
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
  if (only === undefined || others.length > 0) throw new UsageError("That names none of the models, or several.");
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
