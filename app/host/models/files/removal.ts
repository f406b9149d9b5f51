import { HoloscopeError, type ModelEntry } from "../../../contract/index.ts";
import { partPaths } from "../../../gguf/split-name.ts";
import { defaultKeepMs, Trash } from "../../disk/trash.ts";
import type { ModelRegistry } from "../registry.ts";
import { type ModelFolder, sizeOf } from "./model-folder.ts";

interface Removed {
  readonly entry: ModelEntry;
  /** Files in the trash, with their names there. */
  readonly files: readonly { readonly file: string; readonly name: string }[];
}

/** Removes models, with their files if asked to. A removal can be undone for half an hour, or until the host closes. */
export class ModelRemoval {
  readonly #models: ModelRegistry;
  readonly #folder: ModelFolder;
  readonly #trash: Trash;
  readonly #removed = new Map<string, Removed>();
  #count = 0;

  constructor(models: ModelRegistry, folder: ModelFolder) {
    this.#models = models;
    this.#folder = folder;
    this.#trash = new Trash({ folder: folder.trash, keepMs: defaultKeepMs });
    void this.#trash.removeOld();
  }

  /**
   * Forgets a model. With `deleteFiles` its files in the models folder that no other model uses go to the trash; files
   * elsewhere are the user's own and stay. Throws BAD_REQUEST for the bundled model.
   */
  async remove(id: string, deleteFiles: boolean): Promise<{ removed: boolean; freedBytes: number }> {
    const entry = (await this.#models.refresh()).find((model) => model.id === id);
    const removed = await this.#models.remove(id);
    if (!removed || entry === undefined) return { removed, freedBytes: 0 };
    const files: { file: string; name: string }[] = [];
    let freedBytes = 0;
    for (const file of deleteFiles ? await this.#ownFiles(entry) : []) {
      const bytes = await sizeOf(file);
      const name = `${process.pid}-${this.#count++}`;
      if (await this.#trash.put(file, name)) {
        files.push({ file, name });
        freedBytes += bytes;
      }
    }
    this.#removed.set(id, { entry, files });
    return { removed, freedBytes };
  }

  /** Brings a model and its files back. Throws MODEL_NOT_FOUND if that is no longer possible. */
  async restore(id: string): Promise<ModelEntry> {
    const removed = this.#removed.get(id);
    if (removed === undefined) throw gone(id);
    for (const { file, name } of removed.files) {
      if (!(await this.#trash.takeBack(name, file))) throw gone(id);
    }
    this.#removed.delete(id);
    return this.#models.putBack(removed.entry);
  }

  /** Makes all removals final. */
  close(): Promise<void> {
    return this.#trash.close();
  }

  async #ownFiles(entry: ModelEntry): Promise<string[]> {
    const others = new Set(this.#models.known.flatMap(({ modelPath, mmprojPath }) => [modelPath, mmprojPath]));
    const free = [entry.modelPath, entry.mmprojPath].filter((file) => !others.has(file));
    const all = free.flatMap(partPaths);
    const held = await Promise.all(all.map((file) => this.#folder.holds(file)));
    return all.filter((_, index) => held[index]);
  }
}

function gone(id: string): HoloscopeError {
  return new HoloscopeError("MODEL_NOT_FOUND", `The model "${id}" cannot be brought back.`, "Add or pull it again.");
}
