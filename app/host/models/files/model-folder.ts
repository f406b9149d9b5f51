import type { Dirent } from "node:fs";
import { readdir, realpath, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import type { ModelEntry, UnfinishedPull, UnusedFile } from "../../../contract/index.ts";
import { pairFiles } from "../../../gguf/split-name.ts";
import { isTemporaryName, removeStaleTemporaries } from "../../disk/temporary.ts";
import { isLocked, isPartName, partBytes, readSidecar, removePart, sidecarEnding } from "../hub/part-file.ts";

const trashName = ".trash";

/** The folder of downloaded, copied and converted models: one folder for each source, with the source's file names. */
export class ModelFolder {
  readonly path: string;
  readonly trash: string;

  constructor(dataFolder: string) {
    this.path = path.join(dataFolder, "models");
    this.trash = path.join(this.path, trashName);
  }

  /** Where the files of a hub's repository go. */
  forRepository(repository: string): string {
    return path.join(this.path, repository.replaceAll("/", "--"));
  }

  /** Whether an existing file lies in this folder, symbolic links resolved. */
  async holds(file: string): Promise<boolean> {
    try {
      const [folder, real] = [await realpath(this.path), await realpath(file)];
      const inside = path.relative(folder, real);
      return inside !== "" && !inside.startsWith("..") && !path.isAbsolute(inside);
    } catch {
      return false;
    }
  }

  /** Bytes of everything in the folder except the trash. */
  async usedBytes(): Promise<number> {
    const sizes = await Promise.all((await this.#files()).map((file) => sizeOf(file)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Interrupted downloads that no process is continuing. */
  async unfinished(): Promise<UnfinishedPull[]> {
    const found: UnfinishedPull[] = [];
    for (const sidecarFile of (await this.#files()).filter((name) => name.endsWith(sidecarEnding))) {
      const file = sidecarFile.slice(0, -sidecarEnding.length);
      const sidecar = await readSidecar(file);
      if (sidecar === undefined || (await isLocked(file))) continue;
      const { request, bytes } = sidecar;
      const id = this.#idOf(file);
      found.push({ id, request, file: path.basename(file), bytesDone: await partBytes(file), bytesTotal: bytes });
    }
    return found;
  }

  /**
   * Files that none of these models uses. Those of a source of which something is still being fetched, or can be
   * resumed, do not count: a model may need them soon.
   */
  async unused(models: readonly ModelEntry[]): Promise<UnusedFile[]> {
    const used = new Set(models.flatMap(pairFiles));
    const files = await this.#files();
    const sourceOf = (file: string): string => path.relative(this.path, file).split(path.sep)[0] ?? "";
    const underWay = new Set(files.filter(isPartName).map(sourceOf));
    const found = files.filter(
      (file) => !used.has(file) && !underWay.has(sourceOf(file)) && !isTemporaryName(path.basename(file)),
    );
    return Promise.all(found.map(async (file) => ({ id: this.#idOf(file), bytes: await sizeOf(file) })));
  }

  /**
   * Removes what an interrupted download has fetched, or a file that none of these models uses. False if there is
   * nothing with that id, or a process is continuing the download.
   */
  async discard(id: string, models: readonly ModelEntry[]): Promise<boolean> {
    const file = path.join(this.path, ...id.split("/"));
    if ((await this.unfinished()).some((pull) => pull.id === id)) {
      await removePart(file);
      return true;
    }
    if (!(await this.unused(models)).some((unused) => unused.id === id)) return false;
    await rm(file, { force: true });
    // Only a folder that is empty now.
    await rmdir(path.dirname(file)).catch(() => {});
    return true;
  }

  #idOf(file: string): string {
    return path.relative(this.path, file).split(path.sep).join("/");
  }

  /** Removes files left by killed conversions and copies. */
  async removeLeftovers(): Promise<void> {
    const folders = new Set((await this.#files()).map((file) => path.dirname(file)));
    for (const folder of folders) await removeStaleTemporaries(folder);
  }

  async #files(): Promise<string[]> {
    return filesBelow(this.path);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (entry.name === trashName) return [];
      const inside = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(inside) : entry.isFile() ? [inside] : [];
    }),
  );
  return found.flat();
}

/** 0 for a file that is gone. */
export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
