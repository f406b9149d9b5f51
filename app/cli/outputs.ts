import { statSync } from "node:fs";
import path from "node:path";
import type { Repeat } from "../contract/index.ts";
import { withinBytes } from "../presentation/file-names.ts";
import { UsageError } from "./errors.ts";

/**
 * Where run records are written: one file (an array if there are several), one file for each run in a folder, or
 * standard output.
 */
type JsonTarget = OverlayTarget | { readonly kind: "stdout" };

/** Where drawn images are written: one file for one image, or one file for each image in a folder. */
export type OverlayTarget =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "folder"; readonly folder: string };

function isFolder(target: string): boolean {
  return statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A path with this ending is a file, unless a folder of that name exists; any other path is a folder. */
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

/** Bytes that leave room for a number and an ending: file systems take 255 (ext4, APFS; NTFS takes 255 UTF-16 units). */
const mostNameBytes = 200;

/** File names for each image: its own without the ending, cut if it is too long, numbered if two are the same. */
export function outputNames(images: readonly string[]): string[] {
  const used = new Set<string>();
  return images.map((image) => {
    const base = withinBytes(path.basename(image, path.extname(image)), mostNameBytes) || "image";
    let name = base;
    for (let number = 2; used.has(name.toLowerCase()); number++) name = `${base}-${number}`;
    used.add(name.toLowerCase());
    return name;
  });
}

/** The overlay's file name, which never replaces the screenshot. */
export function overlayFile(target: OverlayTarget, name: string): string {
  return target.kind === "file" ? target.file : path.join(target.folder, `${name}.overlay.png`);
}

/** File name for a run in a folder: `screen.run.json`, with repeats `screen-1.run.json`, `screen-2.run.json`. */
export function runFile(folder: string, name: string, { index, of }: Pick<Repeat, "index" | "of">): string {
  return path.join(folder, of > 1 ? `${name}-${index + 1}.run.json` : `${name}.run.json`);
}
