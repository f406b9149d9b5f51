import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "./errors.ts";

/** What a folder's files must end in to be taken. */
const imageEnding = /\.(?:png|jpe?g|webp|gif|avif)$/i;
const listEnding = /\.(?:txt|lst|list)$/i;
const wildcard = /[*?]/;

/**
 * The images that the arguments of `batch` name, each path once, in order: a folder's images (those of its folders too, by
 * path), a pattern's (*, ? and ** for any folders), a list's lines (a .txt file, with paths from where it lies), or a file
 * itself. Throws UsageError for what is not there, and if nothing is found.
 */
export async function batchImages(inputs: readonly string[]): Promise<string[]> {
  const found = (await Promise.all(inputs.map(imagesOf))).flat();
  if (found.length === 0)
    throw new UsageError("No image was found.", "Give a folder, a pattern, or a .txt file of paths.");
  return [...new Map(found.map((file) => [path.resolve(file), file])).values()];
}

/** Which part of a batch one of several machines does: "2/8" is the third of eight. Throws UsageError. */
export function shardOf<T>(items: readonly T[], shard: string | undefined): readonly T[] {
  if (shard === undefined) return items;
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(shard) ?? [];
  const [place, count] = [Number(index), Number(of)];
  if (index === undefined || place >= count) {
    throw new UsageError("--shard takes I/N with I from 0 to N-1.", "For example: --shard 0/8 up to --shard 7/8");
  }
  return items.filter((_, number) => number % count === place);
}

async function imagesOf(input: string): Promise<string[]> {
  const kind = await stat(input).catch(() => undefined);
  if (kind?.isDirectory()) return filesBelow(input).then((files) => files.filter((file) => imageEnding.test(file)));
  if (kind !== undefined) return listEnding.test(input) ? listed(input) : [input];
  if (wildcard.test(input)) return matching(input);
  throw new UsageError(`${input} is not there.`, "Give a folder, a pattern, a .txt file of paths, or an image.");
}

async function listed(file: string): Promise<string[]> {
  const lines = (await readFile(file, "utf8")).split(/\r?\n/).map((line) => line.trim());
  return lines
    .filter((line) => line !== "")
    .map((line) => path.join(path.isAbsolute(line) ? "" : path.dirname(file), line));
}

/** Files in a folder and the folders in it, sorted so that every machine has the same order. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = await Promise.all(
    entries.sort(byName).map((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(file) : [file];
    }),
  );
  return below.flat();
}

async function matching(pattern: string): Promise<string[]> {
  const parts = pattern.split(/[\\/]/);
  const first = parts.findIndex((part) => wildcard.test(part));
  const root = parts.slice(0, first).join("/");
  const folder = first === 0 ? "." : root || "/";
  const wanted = parts.slice(first);
  const files = await filesBelow(folder).catch(() => []);
  return files.filter((file) => matches(wanted, path.relative(folder, file).split(path.sep)));
}

/** Whether the parts of a path are those of a pattern. */
function matches(pattern: readonly string[], parts: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return parts.length === 0;
  if (head === "**") return matches(rest, parts) || (parts.length > 0 && matches(pattern, parts.slice(1)));
  const [part] = parts;
  return part !== undefined && nameMatches(head, part) && matches(rest, parts.slice(1));
}

/** "*" is any number of characters, "?" one. Goes back to the last "*" only, so it takes no more than pattern times name. */
export function nameMatches(pattern: string, name: string): boolean {
  let [at, star, retry] = [0, -1, 0];
  for (let index = 0; index < name.length; ) {
    if (pattern[at] === "*") [star, retry] = [at++, index];
    else if (pattern[at] === "?" || (pattern[at] === name[index] && at < pattern.length))
      [at, index] = [at + 1, index + 1];
    else if (star >= 0) [at, index] = [star + 1, ++retry];
    else return false;
  }
  return [...pattern.slice(at)].every((letter) => letter === "*");
}

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);
