import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { generalSettings, HoloscopeError, imageIdSchema, imageLimits, type KeptData } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { formatBytes, formatCount, plural } from "../presentation/numbers.ts";
import { shownValue } from "../presentation/settings.ts";
import { keptNames, removedFigures } from "../presentation/texts.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./errors.ts";
import { type Field, tableOf } from "./table.ts";
import { oneLine } from "./terminal.ts";

/** Prints what is kept, and by which settings. */
export async function showStorage({ terminal }: Environment, host: Host): Promise<void> {
  const [kept, settings] = [await host.call("storage.usage", {}), await host.call("settings.get", {})];
  const { dataFolder } = await host.call("app.info", {});
  type Row = readonly [name: keyof KeptData, amount: KeptData[keyof KeptData]];
  const fields: readonly Field<Row>[] = [
    { title: "kept", of: ([name]) => keptNames[name] },
    { title: "count", align: "right", of: ([, { count }]) => formatCount(count) },
    { title: "size", align: "right", of: ([, { bytes }]) => formatBytes(bytes) },
  ];
  terminal.out(tableOf(terminal, fields, Object.entries(kept) as Row[]));
  const { keepDays, keepGb, keepParsed } = generalSettings;
  terminal.out(
    `\nin ${oneLine(dataFolder)}\n` +
      `${keepDays.title}: ${shownValue(keepDays, settings.keepDays)}\n` +
      `${keepGb.title}: ${shownValue(keepGb, settings.keepGb)}\n` +
      `${keepParsed.title}: ${shownValue(keepParsed, settings.keepParsed)}\n`,
  );
}

/** Deletes images, named by their file or their id, with their runs. Throws UsageError, FILE_MISSING, IMAGE_UNREADABLE. */
export async function deleteImages(environment: Environment, host: Host, images: readonly string[]): Promise<void> {
  const { terminal } = environment;
  for (const image of images) {
    const id = imageIdSchema.safeParse(image).success ? image : await hashOf(image);
    const removed = await host.call("images.delete", { ids: [id] });
    const nothing = removed.images === 0 && removed.runs === 0;
    terminal.out(`${oneLine(image)}: ${nothing ? "nothing is kept of it" : `deleted ${removedFigures(removed)}`}\n`);
  }
}

/** Deletes everything, once the user agrees. Throws UsageError where nobody can be asked. */
export async function clearStorage({ terminal, ask }: Environment, host: Host, agreed: boolean): Promise<void> {
  if (!agreed) {
    if (ask === undefined) throw new UsageError("Nobody can be asked here.", "Add --yes to delete everything.");
    const { images, runs } = await host.call("storage.usage", {});
    const what = `${plural(images.count, "screenshot")} and ${plural(runs.count, "run")}`;
    const answer = await ask(`Delete ${what} for good? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) {
      terminal.out("Nothing was deleted.\n");
      return;
    }
  }
  terminal.out(`Deleted ${removedFigures(await host.call("storage.clear", {}))}\n`);
}

/** Deletes what is no longer kept. */
export async function tidyStorage({ terminal }: Environment, host: Host): Promise<void> {
  terminal.out(`Deleted ${removedFigures(await host.call("storage.tidy", {}))}\n`);
}

/** The id that an image file has in the store. Nothing larger than an image is read: devices and pipes never end. */
async function hashOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && !(found.isFile() && found.size <= imageLimits.maxBytes)) {
    throw new HoloscopeError(
      "IMAGE_UNREADABLE",
      `"${file}" is not a regular file, or larger than ${formatBytes(imageLimits.maxBytes)}.`,
      "Nothing that is kept can be a copy of it.",
    );
  }
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash).catch(() => {
    throw new HoloscopeError(
      "FILE_MISSING",
      `"${file}" cannot be read.`,
      "If the file is gone, give the image's id: it stands in the JSON of its runs.",
    );
  });
  return hash.digest("hex");
}
