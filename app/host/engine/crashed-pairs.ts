import { stat } from "node:fs/promises";
import path from "node:path";
import { type Backend, type DetectSettings, HoloscopeError, type ModelEntry } from "../../contract/index.ts";
import { pairFiles } from "../../gguf/split-name.ts";
import type { EngineProcess } from "./process.ts";

/** What is tried: files, backend and settings. If any of it changes, it is another attempt. */
interface Attempt {
  readonly model: ModelEntry;
  readonly settings: DetectSettings;
  readonly process: EngineProcess;
}

/**
 * Remembers with which models llama.cpp has ended the engine process. A header can be sound and the file still make it
 * abort: a flipped byte, a tensor under another name. Such a model is told of once and then refused, instead of ending
 * one engine after the other. A model that has worked before is not to blame, nor is the bundled one.
 */
export class CrashedPairs {
  readonly #crashed = new Map<string, HoloscopeError>();
  /** Files with a backend that have detected something. */
  readonly #worked = new Set<string>();

  /**
   * Does work with a model on an engine. Rejects with MODEL_LOAD_FAILED when llama.cpp ends the process, or has done so
   * before with the same files, backend and settings; otherwise with what `work` rejects with.
   * @param shows whether the work, when it ends well, shows that the model works
   */
  async guard<T>(attempt: Attempt, shows: boolean, work: () => Promise<T>): Promise<T> {
    const { model, settings, process } = attempt;
    if (model.bundled) return work();
    const files = await filesKey(model, process.backend);
    const key = `${files} ${JSON.stringify(settings)}`;
    const before = this.#crashed.get(key);
    if (before !== undefined) throw before;
    try {
      const result = await work();
      if (shows) this.#worked.add(files);
      return result;
    } catch (error) {
      const crashed = error instanceof HoloscopeError && error.code === "ENGINE_CRASHED" && process.diedInNativeCode;
      if (!crashed || this.#worked.has(files)) throw error;
      const blamed = blame(model, error);
      this.#crashed.set(key, blamed);
      throw blamed;
    }
  }

  /** Lets a model be tried again, because the user asked for it by name. */
  async forgive({ model, settings, process }: Attempt): Promise<void> {
    this.#crashed.delete(`${await filesKey(model, process.backend)} ${JSON.stringify(settings)}`);
  }
}

function blame({ modelPath, mmprojPath }: ModelEntry, crash: HoloscopeError): HoloscopeError {
  return new HoloscopeError(
    "MODEL_LOAD_FAILED",
    `"${path.basename(modelPath)}" or "${path.basename(mmprojPath)}": this file is damaged or not for this engine. ${crash.message}`,
    "Download both files again, or choose another model. As it is, this one is tried again only when you load it in the list of models, or with another backend or other settings.",
    crash.detail,
  );
}

async function filesKey(model: ModelEntry, backend: Backend): Promise<string> {
  const stamps = pairFiles(model).map(async (file) => {
    const found = await stat(file).catch(() => undefined);
    return [file, found?.size, found?.mtimeMs];
  });
  return JSON.stringify([backend, await Promise.all(stamps)]);
}
