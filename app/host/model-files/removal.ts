import { HoloscopeError } from "../../contract/errors.ts";
import type { ModelEntry } from "../../contract/model.ts";
import type { ModelRegistry } from "../models.ts";
import { defaultKeepMs, Trash } from "../trash.ts";
import { type ModelFolder, sizeOf } from "./model-folder.ts";
import { splitFiles } from "./split-files.ts";

interface Removed {
  readonly entry: ModelEntry;
  /** Files in the trash, with the names that they have there. */
  readonly files: readonly { readonly file: string; readonly name: string }[];
}

/** Removes models, with their files if asked to, in a way that can be undone until the host closes or half an hour passes. */
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
   * Forgets a model. With `deleteFiles` those of its files go to the trash that lie in the models folder and belong to
   * no other model; files elsewhere are the user's own and stay. Throws BAD_REQUEST for the bundled model.
   */
  async remove(id: string, deleteFiles: boolean): Promise<{ removed: boolean; freedBytes: number }> {
    const entry = this.#models.known.find((model) => model.id === id);
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

  /** Makes the removals final. */
  close(): Promise<void> {
    return this.#trash.close();
  }

  async #ownFiles(entry: ModelEntry): Promise<string[]> {
    const others = new Set(this.#models.known.flatMap(({ modelPath, mmprojPath }) => [modelPath, mmprojPath]));
    const free = [entry.modelPath, entry.mmprojPath].filter((file) => !others.has(file));
    const all = (await Promise.all(free.map(splitFiles))).flat();
    const held = await Promise.all(all.map((file) => this.#folder.holds(file)));
    return all.filter((_, index) => held[index]);
  }
}

function gone(id: string): HoloscopeError {
  return new HoloscopeError("MODEL_NOT_FOUND", `The model "${id}" cannot be brought back.`, "Add or pull it again.");
}
