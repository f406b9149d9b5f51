/** Holoscope's changes to llama.cpp's libmtmd: native/patches, applied to a copy of its sources in the build folder. */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const patchFolder = join(dirname(fileURLToPath(import.meta.url)), "patches");

/** The folder of llama.cpp that patches may change, and that a copy is made of. */
export const PATCHED_PART = join("tools", "mtmd");

/** A failure with a message for the person who builds; shown without a stack. */
export class BuildError extends Error {}

/** The patches in the order in which they are applied, absolute. */
export function patchFiles(): string[] {
  return filesBelow(patchFolder).filter((file) => extname(file) === ".patch");
}

/** Every file below a folder, sorted, absolute. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

/**
 * Applies patches, or takes them back, with `git apply`: every line of their context must be as they expect it.
 * @param folder holds `tools/mtmd`; may lie inside a Git repository, which is left alone
 * @param release llama.cpp's, for the message
 * Throws BuildError, which names the first patch that does not fit.
 */
export function applyPatches(folder: string, release: string, direction: "apply" | "reverse" = "apply"): void {
  const files = direction === "apply" ? patchFiles() : patchFiles().reverse();
  // Inside a repository git would take the paths as its own, find none of them below the folder and succeed.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
  for (const file of files) {
    const options = ["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"];
    if (direction === "reverse") options.push("--reverse");
    const { status, stderr, error } = spawnSync("git", [...options, file], { cwd: folder, env, encoding: "utf8" });
    if (status === 0) continue;
    throw new BuildError(
      `native/patches/${basename(file)} does not fit llama.cpp ${release}: ${error?.message ?? stderr.trim()}\n` +
        "native/patches/README.md tells how to fit the patches to another release.",
    );
  }
}

/**
 * Makes `target` the patched copy of `llama`'s libmtmd. Files that are right already keep their times, so that only
 * what changed is compiled again. Throws BuildError, and leaves `target` as it was, when a patch does not fit.
 * @param llama checkout of llama.cpp; is not changed
 */
export function patchSources(llama: string, target: string, release: string): void {
  const fresh = `${target}.fresh`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    const isSource = (file: string): boolean => ["", ".cpp", ".h"].includes(extname(file));
    cpSync(join(llama, PATCHED_PART), join(fresh, PATCHED_PART), { recursive: true, filter: isSource });
    applyPatches(fresh, release);
    replaceChanged(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Makes the files of `target` those of `source`, without writing those that are equal. */
function replaceChanged(source: string, target: string): void {
  for (const file of existsSync(target) ? filesBelow(target) : []) {
    if (!existsSync(join(source, relative(target, file)))) rmSync(file);
  }
  for (const file of filesBelow(source)) {
    const copy = join(target, relative(source, file));
    if (existsSync(copy) && readFileSync(file).equals(readFileSync(copy))) continue;
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(file, copy);
  }
}
