import { readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import {
  builtInPreset,
  type ErrorInfo,
  HoloscopeError,
  isPresetId,
  maxPresetCharacters,
  type OwnPreset,
  type PresetChoice,
  type PresetInfo,
  presetInfo,
  presets,
} from "../../contract/index.ts";
import { type AtomicWriter, writeFileAtomic } from "../disk/atomic.ts";
import { storageError } from "../disk/storage-error.ts";
import { readPreset } from "./read-preset.ts";

interface PresetStoreConfig {
  readonly dataFolder: string;
  readonly writeFile?: AtomicWriter;
}

interface Stored {
  readonly file: string;
  readonly preset: OwnPreset;
}

/** More files than this are not looked into. */
const mostFiles = 200;
const ending = ".json";

/**
 * The user's presets, one in each JSON file of the folder presets/, which the user may change too: they are read whenever
 * they are asked for. A file that cannot be used is a problem to be told, and the others stand.
 */
export class PresetStore {
  readonly #folder: string;
  readonly #write: AtomicWriter;

  constructor({ dataFolder, writeFile = writeFileAtomic }: PresetStoreConfig) {
    this.#folder = path.join(dataFolder, "presets");
    this.#write = writeFile;
  }

  /** Holoscope's own presets, then the user's. */
  async list(): Promise<{ readonly presets: PresetInfo[]; readonly problems: ErrorInfo[] }> {
    const { stored, problems } = await this.#read();
    return { presets: [...presets, ...stored.map(({ preset }) => presetInfo(preset, true))], problems };
  }

  /**
   * A preset as a file has it, to be written anew from. Throws PRESET_NOT_FOUND, also for one of Holoscope's own that
   * answers with lists of boxes alone.
   */
  async get(id: string): Promise<OwnPreset> {
    const builtIn = builtInPreset(id);
    if (builtIn === undefined) return this.#own(id);
    const { models: _, locate, ...rest } = builtIn;
    if (locate !== undefined) return { ...rest, locate };
    throw new HoloscopeError(
      "PRESET_NOT_FOUND",
      `The preset "${id}" is built in and has no form as a file: it answers with the boxes of its base.`,
      "Take another as a pattern, such as gta1.",
    );
  }

  /** What the engine is told of a preset. Throws PRESET_NOT_FOUND. */
  async choice(id: string): Promise<PresetChoice> {
    return isPresetId(id) ? id : this.#own(id);
  }

  /** Keeps a preset, given as the text of its file; one of the same id is replaced. Throws PRESET_INVALID, DISK_FULL, STORAGE_FAILED. */
  async add(json: string): Promise<PresetInfo> {
    const preset = readPreset(json);
    const before = await this.#filesOf(preset.id);
    const file = `${preset.id}${ending}`;
    await this.#write(path.join(this.#folder, file), `${JSON.stringify(preset, null, 2)}\n`, "the preset");
    for (const other of before) if (other !== file) await this.#remove(other);
    return presetInfo(preset, true);
  }

  /** False if the user has none of that id. Throws BAD_REQUEST for one of Holoscope's own. */
  async remove(id: string): Promise<boolean> {
    if (isPresetId(id)) {
      throw new HoloscopeError("BAD_REQUEST", `The preset "${id}" is Holoscope's own and cannot be removed.`);
    }
    const own = await this.#filesOf(id);
    for (const file of own) await this.#remove(file);
    return own.length > 0;
  }

  /** All files with a preset of that id, those that are left out too. */
  async #filesOf(id: string): Promise<string[]> {
    const { stored, leftOut } = await this.#read();
    return [...stored, ...leftOut].filter(({ preset }) => preset.id === id).map(({ file }) => file);
  }

  async #own(id: string): Promise<OwnPreset> {
    const { stored, problems } = await this.#read();
    const found = stored.find(({ preset }) => preset.id === id);
    if (found !== undefined) return found.preset;
    const broken = problems.find(({ message }) => message.includes(`"${id}${ending}"`));
    throw new HoloscopeError(
      "PRESET_NOT_FOUND",
      `There is no preset "${id}".${broken === undefined ? "" : ` ${broken.message}`}`,
      broken?.hint ?? "holoscope models presets lists them. Choose another for the model, or auto.",
    );
  }

  async #read(): Promise<{
    readonly stored: Stored[];
    readonly leftOut: Stored[];
    readonly problems: ErrorInfo[];
  }> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => name.endsWith(ending));
    const stored: Stored[] = [];
    const leftOut: Stored[] = [];
    const problems: ErrorInfo[] = [];
    for (const file of names.sort().slice(0, mostFiles)) {
      try {
        const preset = readPreset(await this.#text(file), file);
        const same = stored.find((other) => other.preset.id === preset.id);
        (same === undefined ? stored : leftOut).push({ file, preset });
        if (same !== undefined) problems.push(twice(file, same.file, preset.id));
      } catch (error) {
        problems.push(HoloscopeError.from(error).toInfo());
      }
    }
    return { stored, leftOut, problems };
  }

  async #text(file: string): Promise<string> {
    const place = path.join(this.#folder, file);
    const found = await stat(place).catch((error: unknown) => {
      throw storageError(error, `read the preset "${file}"`);
    });
    // A pipe would be waited for, and a large file is no preset.
    if (!found.isFile() || found.size > maxPresetCharacters) {
      throw new HoloscopeError(
        "PRESET_INVALID",
        `The preset "${file}" is no file of at most ${maxPresetCharacters} bytes.`,
        "Remove it from the folder presets in the data folder.",
      );
    }
    return readFile(place, "utf8").catch((error: unknown) => {
      throw storageError(error, `read the preset "${file}"`);
    });
  }

  async #remove(file: string): Promise<void> {
    await rm(path.join(this.#folder, file), { force: true }).catch((error: unknown) => {
      throw storageError(error, `remove the preset "${file}"`);
    });
  }
}

function twice(file: string, other: string, id: string): ErrorInfo {
  return {
    code: "PRESET_INVALID",
    message: `The preset "${file}" is left out: "${other}" has the id ${id} too.`,
    hint: "Give one of them another id.",
  };
}
