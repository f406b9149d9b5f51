import { statSync } from "node:fs";
import path from "node:path";
import type { RunRecord } from "../contract/index.ts";
import { UsageError } from "./errors.ts";

/** Where run records go: one file (an array when there are several), one file a run in a folder, or standard output. */
export type JsonTarget =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "stdout" };

/** Where drawn images go: one file for one image, or one file an image in a folder. */
export type OverlayTarget =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "folder"; readonly folder: string };

function isFolder(target: string): boolean {
  return statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A path with the right ending is a file, unless a folder of that name exists; everything else is a folder. */
function fileOrFolder(target: string, ending: string): OverlayTarget {
  if (target === "") throw new UsageError(`An empty path cannot be written to.`);
  const isFile = path.extname(target).toLowerCase() === ending && !/[\\/]$/.test(target) && !isFolder(target);
  return isFile ? { kind: "file", file: target } : { kind: "folder", folder: target };
}

export function jsonTarget(target: string): JsonTarget {
  return target === "-" ? { kind: "stdout" } : fileOrFolder(target, ".json");
}

/** Throws UsageError where a file cannot hold what is asked for, or would replace a screenshot. */
export function overlayTarget(target: string, images: readonly string[]): OverlayTarget {
  if (/\.(jpe?g|webp|gif|avif|bmp)$/i.test(target) && !isFolder(target)) {
    throw new UsageError("--overlay writes PNG files.", "Give a name that ends in .png, or a folder.");
  }
  const result = fileOrFolder(target, ".png");
  if (result.kind === "folder") return result;
  if (images.length > 1) {
    throw new UsageError(`--overlay ${target} is one file, but there are ${images.length} images.`, "Give a folder.");
  }
  if (images.some((image) => path.resolve(image) === path.resolve(target))) {
    throw new UsageError("--overlay would replace the screenshot itself.", "Give another file or a folder.");
  }
  return result;
}

/** Names for the files of each image: its own without the ending, numbered where two would be the same. */
export function outputNames(images: readonly string[]): string[] {
  const used = new Set<string>();
  return images.map((image) => {
    const base = path.basename(image, path.extname(image)) || "image";
    let name = base;
    for (let number = 2; used.has(name.toLowerCase()); number++) name = `${base}-${number}`;
    used.add(name.toLowerCase());
    return name;
  });
}

/** The overlay beside its screenshot must not take its name. */
export function overlayFile(target: OverlayTarget, name: string): string {
  return target.kind === "file" ? target.file : path.join(target.folder, `${name}.overlay.png`);
}

export interface NamedRun {
  readonly name: string;
  readonly run: RunRecord;
}

/** File names for the runs of a folder: `screen.run.json`, with repeats `screen-1.run.json`, `screen-2.run.json`. */
export function runFiles(folder: string, runs: readonly NamedRun[], repeat: number): (readonly [string, RunRecord])[] {
  const counts = new Map<string, number>();
  return runs.map(({ name, run }) => {
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    const file = repeat > 1 ? `${name}-${number}.run.json` : `${name}.run.json`;
    return [path.join(folder, file), run] as const;
  });
}
