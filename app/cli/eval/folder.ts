import { type Dirent, realpathSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError } from "../../contract/index.ts";
import { plural } from "../../presentation/numbers.ts";
import type { NamedText } from "../../truth/click/read.ts";
import { decodedText, truthFileLimits } from "../../truth/parse-text.ts";
import { UsageError } from "../errors.ts";

const limits = { depth: 12, files: 500_000 } as const;
const imageEnding = /\.(?:png|jpe?g|webp|gif|avif)$/i;
const annotationEnding = /\.jsonl?$/i;

/** Files of the evaluated folder by their paths below it, with "/" between their parts. */
export interface EvaluatedFolder {
  readonly texts: readonly NamedText[];
  readonly images: ImageFinder;
}

/**
 * Reads the annotation files of a folder and lists its images, in all folders below it but the one that reports are
 * written to. Links are not followed. Throws UsageError for a folder that cannot be read.
 */
export async function readFolder(folder: string, out: string): Promise<EvaluatedFolder> {
  const files = await filesBelow(folder, real(out));
  const texts: NamedText[] = [];
  for (const file of files.filter((each) => annotationEnding.test(each))) {
    texts.push({ file, text: await textOf(path.join(folder, file), file) });
  }
  return {
    texts,
    images: new ImageFinder(
      folder,
      files.filter((file) => imageEnding.test(file)),
    ),
  };
}

async function filesBelow(folder: string, skipped: string): Promise<readonly string[]> {
  const files: string[] = [];
  const visit = async (below: readonly string[]): Promise<void> => {
    const entries = await entriesOf(path.join(folder, ...below));
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const parts = [...below, entry.name];
      if (entry.isFile()) files.push(parts.join("/"));
      if (files.length > limits.files) throw new UsageError(`${folder} has more than ${limits.files} files.`);
      const isOpen = entry.isDirectory() && parts.length < limits.depth && !entry.name.startsWith(".");
      if (isOpen && real(path.join(folder, ...parts)) !== skipped) await visit(parts);
    }
  };
  await visit([]);
  return files;
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    throw new UsageError(`${folder} is no folder that can be read.`, "Give the folder of a benchmark's files.");
  }
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return path.resolve(folder);
  }
}

async function textOf(file: string, name: string): Promise<string> {
  const { size } = await stat(file);
  if (size > truthFileLimits.bytes) throw new UsageError(`${name} is larger than 256 MB.`, "Split it by images.");
  return decodedText(await readFile(file));
}

/** Finds the images that annotations name. Only files that the folder has are ever found, whatever a name says. */
export class ImageFinder {
  readonly #folder: string;
  readonly #byBase = new Map<string, string[]>();

  constructor(folder: string, files: readonly string[]) {
    this.#folder = folder;
    for (const file of files) {
      const base = baseOf(file);
      this.#byBase.set(base, [...(this.#byBase.get(base) ?? []), file]);
    }
  }

  /** Path of an image as the system has it. */
  pathOf(file: string): string {
    return path.join(this.#folder, file);
  }

  /**
   * The file below the folder that an annotation means: the one whose path ends as the name does; of several the one that
   * has most folders in common with the annotation file. undefined if there is none, or if two are as near.
   */
  find(name: string, annotation: string): string | undefined {
    const wanted = name.replaceAll("\\", "/").replace(/^(?:\.\/)+/, "");
    const found = (this.#byBase.get(baseOf(wanted)) ?? []).filter(
      (file) => file === wanted || file.endsWith(`/${wanted}`),
    );
    const near = found.map((file) => ({ file, common: commonFolders(file, annotation) }));
    const most = Math.max(-1, ...near.map(({ common }) => common));
    const [only, ...others] = near.filter(({ common }) => common === most);
    return others.length === 0 ? only?.file : undefined;
  }
}

const baseOf = (file: string): string => file.slice(file.lastIndexOf("/") + 1);

function commonFolders(a: string, b: string): number {
  const [partsA, partsB] = [a.split("/").slice(0, -1), b.split("/").slice(0, -1)];
  const differs = partsA.findIndex((part, index) => part !== partsB[index]);
  return differs < 0 ? partsA.length : differs;
}

/** The error of images that annotations name and that are not there. */
export function missingImages(names: readonly string[], items: number): HoloscopeError {
  return new HoloscopeError(
    "FILE_MISSING",
    `${plural(names.length, "image")} of ${plural(items, "item")} cannot be found below the folder; the first is ${names[0]}.`,
    "Unpack the benchmark's images into the folder, in whatever folders they come.",
  );
}
