import { stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import {
  bundledModelId,
  defined,
  type EnginePair,
  type ErrorInfo,
  type GgufSummary,
  HoloscopeError,
  type ModelEntry,
  type ModelFileInfo,
  modelEntrySchema,
  type PairInspection,
  type RunRecord,
} from "../../contract/index.ts";
import { pairFiles, partPaths } from "../../gguf/split-name.ts";
import type { AtomicWriter } from "../disk/atomic.ts";
import { FileHashes } from "../disk/hashes.ts";
import { SharedFile } from "../disk/shared-file.ts";
import type { Log } from "../log.ts";
import { enginePair, type KnownModel } from "./engine-pair.ts";
import { findMmproj, type InspectPair } from "./find-mmproj.ts";
import type { DeviceTypes } from "./mmproj-choice.ts";
import { uniqueModelId } from "./model-id.ts";
import type { PresetStore } from "./preset-store.ts";

const modelsVersion = 1;
const modelsFileSchema = z.object({ version: z.int().min(1), models: z.array(z.unknown()) });
export type ModelFiles = RunRecord["model"]["files"];

interface ModelRegistryConfig {
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  readonly log: Log;
  readonly inspect: (pair: EnginePair) => Promise<PairInspection>;
  readonly presets: PresetStore;
  /** Reads the header of a language model alone. */
  readonly inspectModel: (modelPath: string) => Promise<GgufSummary>;
  readonly deviceTypes: () => Promise<DeviceTypes>;
  readonly onChange: (models: ModelEntry[]) => void;
  readonly writeFile?: AtomicWriter;
}

type Models = readonly ModelEntry[];

/**
 * The models that can be used: the bundled one first, then the user's pairs in models.json, which other processes may
 * change too.
 */
export class ModelRegistry {
  readonly #config: ModelRegistryConfig;
  readonly #hashes: FileHashes;
  /** By paths, sizes and modification times of both files. */
  readonly #inspections = new Map<string, PairInspection>();
  readonly #file: SharedFile<Models>;

  private constructor(config: ModelRegistryConfig, file: SharedFile<Models>) {
    this.#config = config;
    this.#file = file;
    this.#hashes = new FileHashes(config);
  }

  static async open(config: ModelRegistryConfig): Promise<ModelRegistry> {
    let announce = (): void => {};
    const file = await SharedFile.open<Models>({
      ...config,
      file: path.join(config.dataFolder, "models.json"),
      what: "the list of models",
      empty: [],
      read: readModels,
      stored: (models) => ({ version: modelsVersion, models }),
      onOutsideChange: () => announce(),
      problemCode: "MODELS_INVALID",
      consequence: "Models that could not be read are not in the list.",
    });
    const registry = new ModelRegistry(config, file);
    announce = () => void registry.#announce().catch(() => {});
    return registry;
  }

  /** The user's models as last read, without asking the engine about the bundled one. */
  get known(): Models {
    return this.#file.current;
  }

  /** The user's models as they are in the file now. */
  refresh(): Promise<Models> {
    return this.#file.refresh();
  }

  /** What could not be read of models.json, for the user to know. */
  get problems(): readonly ErrorInfo[] {
    return this.#file.problems;
  }

  async list(): Promise<ModelEntry[]> {
    const user = await this.#file.refresh();
    const bundled = await this.#bundled();
    return [...(bundled === undefined ? [] : [bundled]), ...user];
  }

  /** Throws MODEL_NOT_FOUND. */
  async get(id: string): Promise<KnownModel> {
    const user = await this.#file.refresh();
    const entry = id === bundledModelId ? await this.#bundled() : user.find((model) => model.id === id);
    if (entry !== undefined) return this.#withPreset(entry);
    if (id === bundledModelId) {
      throw new HoloscopeError("MODEL_NOT_FOUND", "The bundled model's files are missing.", "Install Holoscope again.");
    }
    throw new HoloscopeError(
      "MODEL_NOT_FOUND",
      `There is no model "${id}".`,
      "Choose one of the list, or add it again.",
    );
  }

  /**
   * Adds a pair of files. Without `mmprojPath` the vision part is looked for beside the model. A known pair is not
   * added again. Throws FILE_MISSING, MMPROJ_MISSING, MMPROJ_MISMATCH, NOT_A_GGUF, GGUF_TRUNCATED, WRONG_ARCHITECTURE,
   * DISK_FULL, STORAGE_FAILED.
   */
  async add(request: {
    readonly modelPath: string;
    readonly mmprojPath?: string | undefined;
    readonly name?: string | undefined;
  }): Promise<ModelEntry> {
    const modelPath = path.resolve(request.modelPath);
    await checkFile(modelPath);
    const { mmprojPath, inspection } = await this.#pair(modelPath, request.mmprojPath);
    const name = request.name?.trim() || inspection.model.name || path.basename(modelPath, path.extname(modelPath));
    const models = await this.#change((user) => {
      const same = user.find((model) => model.modelPath === modelPath && model.mmprojPath === mmprojPath);
      const rest = user.filter((model) => model !== same);
      const id =
        same?.id ?? uniqueModelId(path.basename(modelPath), [bundledModelId, ...rest.map((model) => model.id)]);
      const { preset, modes } = same ?? {};
      const entry = entryOf({ id, name, bundled: false, modelPath, mmprojPath }, inspection);
      return [...rest, preset === undefined || modes === undefined ? entry : { ...entry, preset, modes }];
    });
    return this.#last(models);
  }

  /** Forgets a model; its files stay. False if there is no such model. Throws BAD_REQUEST for the bundled one. */
  async remove(id: string): Promise<boolean> {
    if (id === bundledModelId) throw new HoloscopeError("BAD_REQUEST", "The bundled model cannot be removed.");
    let removed = false;
    await this.#change((user) => {
      const rest = user.filter((model) => model.id !== id);
      removed = rest.length < user.length;
      return removed ? rest : user;
    });
    return removed;
  }

  /** Restores a removed entry, with a new id if another pair has taken its own. */
  async putBack(entry: ModelEntry): Promise<ModelEntry> {
    const models = await this.#change((user) => {
      const taken = [bundledModelId, ...user.map(({ id }) => id)];
      const id = taken.includes(entry.id) ? uniqueModelId(entry.modelPath, taken) : entry.id;
      return [...user, { ...entry, id }];
    });
    return this.#last(models);
  }

  /** The two files of a pair as absolute paths, without adding it; throws as {@link add} does. */
  async findPair(model: string, mmproj: string | undefined): Promise<{ modelPath: string; mmprojPath: string }> {
    const modelPath = path.resolve(model);
    await checkFile(modelPath);
    const { mmprojPath } = await this.#pair(modelPath, mmproj);
    return { modelPath, mmprojPath };
  }

  /** Remembers the SHA-256 of a file that was computed during its download. */
  learnHash(file: string, sha256: string): Promise<void> {
    return this.#hashes.learn(file, sha256);
  }

  /** Throws MODEL_NOT_FOUND, what reading the headers throws, and PRESET_NOT_FOUND if its preset is gone. */
  async info(id: string): Promise<ModelFileInfo> {
    const entry = await this.get(id);
    return { entry, inspection: await this.#inspect(enginePair(entry)) };
  }

  /**
   * Chooses the preset that a model is asked with; undefined recognises it by its name again.
   * Throws MODEL_NOT_FOUND, PRESET_NOT_FOUND, PRESET_MISFIT, BAD_REQUEST for the bundled one, and what reading headers throws.
   */
  async choosePreset(id: string, preset: string | undefined): Promise<ModelEntry> {
    if (id === bundledModelId) {
      throw new HoloscopeError("BAD_REQUEST", "The bundled model knows one prompt: no preset fits it.");
    }
    const { preset: _, ownPreset: __, ...plain } = await this.get(id);
    const choice = preset === undefined ? undefined : await this.#config.presets.choice(preset);
    const { modelPath, mmprojPath } = plain;
    const { modes } = await this.#inspect({ modelPath, mmprojPath, ...defined({ preset: choice }) });
    const chosen: ModelEntry = { ...plain, modes, ...defined({ preset }) };
    await this.#change((user) => user.map((model) => (model.id === id ? chosen : model)));
    return chosen;
  }

  /** The files as a run record describes them. Throws what reading the headers throws. */
  async files({ modelPath, mmprojPath }: ModelEntry): Promise<ModelFiles> {
    const { model, mmproj } = await this.#inspect({ modelPath, mmprojPath });
    const describe = async (role: "model" | "mmproj", file: string, tensorTypes: typeof model.tensorTypes) => {
      const [{ size: bytes }, sha256] = [await checkFile(file), await this.#hashes.known(file)];
      return { role, name: path.basename(file), bytes, sha256, tensorTypes };
    };
    // The first part of a split model stands for the tensors of all.
    const parts = partPaths(modelPath).map((file, index) =>
      describe("model", file, index === 0 ? model.tensorTypes : {}),
    );
    return Promise.all([...parts, describe("mmproj", mmprojPath, mmproj.tensorTypes)]);
  }

  /** Starts computing unknown hashes; to be called when the machine is idle. */
  hashInBackground({ modelPath, mmprojPath }: ModelEntry): void {
    for (const file of pairFiles({ modelPath, mmprojPath })) void this.#hashes.compute(file);
  }

  close(): void {
    this.#file.close();
    this.#hashes.close();
  }

  /** A preset that cannot be read is missed only when the model is asked. */
  async #withPreset(entry: ModelEntry): Promise<KnownModel> {
    if (entry.preset === undefined) return entry;
    const choice = await this.#config.presets.choice(entry.preset).catch(() => undefined);
    return typeof choice === "object" ? { ...entry, ownPreset: choice } : entry;
  }

  async #pair(modelPath: string, mmprojPath: string | undefined) {
    const inspect: InspectPair = (model, mmproj) => this.#inspect({ modelPath: model, mmprojPath: mmproj });
    if (mmprojPath === undefined) {
      // What is wrong with the model must not look like mmproj files that do not fit.
      await this.#config.inspectModel(modelPath);
      return findMmproj(modelPath, inspect, this.#config.deviceTypes);
    }
    const resolved = path.resolve(mmprojPath);
    await checkFile(resolved);
    return { mmprojPath: resolved, inspection: await inspect(modelPath, resolved) };
  }

  async #inspect(pair: EnginePair): Promise<PairInspection> {
    const key = JSON.stringify([await stampOf(pairFiles(pair)), pair.preset]);
    const known = this.#inspections.get(key);
    if (known !== undefined) return known;
    const inspection = await this.#config.inspect(pair);
    this.#inspections.set(key, inspection);
    return inspection;
  }

  async #change(work: (user: Models) => Models): Promise<Models> {
    const before = this.#file.current;
    const models = await this.#file.change(work);
    if (models !== before) await this.#announce();
    return models;
  }

  async #announce(): Promise<void> {
    this.#config.onChange(await this.list());
  }

  /** The entry that was put at the end of the list. */
  #last(models: Models): ModelEntry {
    const entry = models.at(-1);
    if (entry === undefined) throw new Error("the list has just been given an entry");
    this.hashInBackground(entry);
    return entry;
  }

  /** undefined if its files are missing. */
  async #bundled(): Promise<ModelEntry | undefined> {
    const folder = path.join(this.#config.resourcesFolder, "models", bundledModelId);
    const modelPath = path.join(folder, "model.gguf");
    const mmprojPath = path.join(folder, "mmproj.gguf");
    const bytes = await Promise.all([modelPath, mmprojPath].map((file) => stat(file).then(({ size }) => size))).then(
      ([model = 0, mmproj = 0]) => model + mmproj,
      () => 0,
    );
    if (bytes === 0) return undefined;
    const base = { id: bundledModelId, name: "Nano (bundled)", bundled: true, modelPath, mmprojPath };
    try {
      return entryOf(base, await this.#inspect({ modelPath, mmprojPath }));
    } catch (error) {
      // The list must not depend on the engine; using the model will report what is wrong with it.
      this.#config.log.write("warn", "The bundled model could not be inspected", { error: String(error) });
      return {
        ...base,
        family: "unknown",
        architecture: "unknown",
        bytes,
        modes: { detect: "trained", locate: "unsupported" },
      };
    }
  }
}

function entryOf(
  base: Pick<ModelEntry, "id" | "name" | "bundled" | "modelPath" | "mmprojPath">,
  { model, mmproj, family, modes, minConfidence }: PairInspection,
): ModelEntry {
  return {
    ...base,
    family,
    architecture: model.architecture,
    ...defined({ quantisation: model.quantisation }),
    bytes: model.bytes + mmproj.bytes,
    modes,
    ...defined({ minConfidence }),
  };
}

/** Entries that cannot be read are left out, each a problem; so is a file of a newer version as far as it is readable. */
function readModels(stored: unknown): { readonly value: Models; readonly problems: readonly string[] } {
  const parsed = modelsFileSchema.safeParse(stored);
  if (!parsed.success) return { value: [], problems: ["The file holds no list of models."] };
  const { version, models } = parsed.data;
  const problems = version > modelsVersion ? [`The file is of version ${version}, which a newer Holoscope wrote.`] : [];
  const value = models.flatMap((model, index) => {
    const entry = modelEntrySchema.safeParse(model);
    if (entry.success) return [entry.data];
    const issue = entry.error.issues[0];
    problems.push(`Model ${index + 1} is not valid: ${issue?.path.join(".")} ${issue?.message}.`);
    return [];
  });
  return { value, problems };
}

/** Tells states of the files apart; a file that is missing is one too. Throws FILE_MISSING for the first and the last. */
async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = files.map(async (file, index) => {
    const needed = index === 0 || index === files.length - 1;
    const found = needed ? await checkFile(file) : await stat(file).catch(() => undefined);
    return [file, found?.size, found?.mtimeMs];
  });
  return JSON.stringify(await Promise.all(stamps));
}

async function checkFile(file: string): Promise<{ readonly size: number; readonly mtimeMs: number }> {
  const name = path.basename(file);
  const found = await stat(file).catch((error: unknown) => {
    throw new HoloscopeError("FILE_MISSING", `There is no file "${name}".`, "Check the path.", String(error));
  });
  if (found.isFile()) return found;
  throw new HoloscopeError("FILE_MISSING", `"${name}" is not a file.`, "Choose the model's .gguf file itself.");
}
