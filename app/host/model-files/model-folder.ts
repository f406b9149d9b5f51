import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { UnfinishedPull } from "../../contract/model-files.ts";
import { isLocked, partBytes, readSidecar, removePart, sidecarEnding } from "../hub/part-file.ts";
import { removeStaleTemporaries } from "../temporary-file.ts";

const trashName = ".trash";

/** Where downloaded, copied and converted models are kept: a folder for each source, with the files as named there. */
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

  /** Whether a file lies in this folder, links resolved; a file that is gone does not. */
  async holds(file: string): Promise<boolean> {
    try {
      const [folder, real] = [await realpath(this.path), await realpath(file)];
      const inside = path.relative(folder, real);
      return inside !== "" && !inside.startsWith("..") && !path.isAbsolute(inside);
    } catch {
      return false;
    }
  }

  /** Bytes of everything in the folder, but for what is in the trash. */
  async usedBytes(): Promise<number> {
    const sizes = await Promise.all((await this.#files()).map((file) => sizeOf(file)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Downloads that were interrupted and that nobody is at now. */
  async unfinished(): Promise<UnfinishedPull[]> {
    const found: UnfinishedPull[] = [];
    for (const sidecarFile of (await this.#files()).filter((name) => name.endsWith(sidecarEnding))) {
      const file = sidecarFile.slice(0, -sidecarEnding.length);
      const sidecar = await readSidecar(file);
      if (sidecar === undefined || (await isLocked(file))) continue;
      const { request, bytes } = sidecar;
      const id = path.relative(this.path, file).split(path.sep).join("/");
      found.push({ id, request, file: path.basename(file), bytesDone: await partBytes(file), bytesTotal: bytes });
    }
    return found;
  }

  /** Removes what an interrupted download has fetched. False if there is none of that id, or somebody is at it. */
  async discard(id: string): Promise<boolean> {
    const known = (await this.unfinished()).some((pull) => pull.id === id);
    if (known) await removePart(path.join(this.path, ...id.split("/")));
    return known;
  }

  /** Removes what killed conversions and copies have left. */
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
