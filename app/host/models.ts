import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { ModelFileInfo } from "../contract/api.ts";
import { HoloscopeError } from "../contract/errors.ts";
import { type ModelEntry, modelEntrySchema, type PairInspection } from "../contract/model.ts";
import type { RunRecord } from "../contract/run.ts";
import { bundledModelId } from "../contract/settings.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic-file.ts";
import { FileHashes } from "./file-hashes.ts";
import { findMmproj, type InspectPair } from "./find-mmproj.ts";
import type { Log } from "./log.ts";
import { uniqueModelId } from "./model-id.ts";
import { Serial } from "./serial.ts";
import { systemCode } from "./storage-error.ts";

const modelsFileSchema = z.object({ version: z.literal(1), models: z.array(z.unknown()) });
export type ModelFiles = RunRecord["model"]["files"];

export interface ModelRegistryConfig {
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  readonly log: Log;
  readonly inspect: InspectPair;
  readonly onChange: (models: ModelEntry[]) => void;
  readonly writeFile?: AtomicWriter;
}

/** The models that can be used: the bundled one first, then the user's pairs in models.json. */
export class ModelRegistry {
  readonly #config: ModelRegistryConfig;
  readonly #file: string;
  readonly #write: AtomicWriter;
  readonly #hashes: FileHashes;
  readonly #serial = new Serial();
  /** By paths, sizes and modification times of both files. */
  readonly #inspections = new Map<string, PairInspection>();
  #user: readonly ModelEntry[];

  private constructor(config: ModelRegistryConfig, user: readonly ModelEntry[]) {
    this.#config = config;
    this.#file = modelsFile(config.dataFolder);
    this.#write = config.writeFile ?? writeFileAtomic;
    this.#hashes = new FileHashes(config);
    this.#user = user;
  }

  static async open(config: ModelRegistryConfig): Promise<ModelRegistry> {
    return new ModelRegistry(config, await readModels(config));
  }

  /** The user's models, without asking the engine about the bundled one. */
  get known(): readonly ModelEntry[] {
    return this.#user;
  }

  async list(): Promise<ModelEntry[]> {
    const bundled = await this.#bundled();
    return [...(bundled === undefined ? [] : [bundled]), ...this.#user];
  }

  /** Throws MODEL_NOT_FOUND. */
  async get(id: string): Promise<ModelEntry> {
    const entry = id === bundledModelId ? await this.#bundled() : this.#user.find((model) => model.id === id);
    if (entry !== undefined) return entry;
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
   * Adds a pair of files. Without `mmprojPath` the vision part is looked for beside the model. A pair that is there
   * already is not added again. Throws FILE_MISSING, MMPROJ_MISSING, MMPROJ_MISMATCH, NOT_A_GGUF, GGUF_TRUNCATED,
   * WRONG_ARCHITECTURE, DISK_FULL, STORAGE_FAILED.
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
    return this.#serial.run(async () => {
      const same = this.#user.find((model) => model.modelPath === modelPath && model.mmprojPath === mmprojPath);
      const taken = this.#user.filter((model) => model !== same).map(({ id }) => id);
      const id = same?.id ?? uniqueModelId(path.basename(modelPath), [bundledModelId, ...taken]);
      const entry = entryOf({ id, name, bundled: false, modelPath, mmprojPath }, inspection);
      await this.#save([...this.#user.filter((model) => model !== same), entry]);
      this.hashInBackground(entry);
      return entry;
    });
  }

  /** Forgets a model; its files stay. False if there is no such model. Throws BAD_REQUEST for the bundled one. */
  remove(id: string): Promise<boolean> {
    return this.#serial.run(async () => {
      if (id === bundledModelId) throw new HoloscopeError("BAD_REQUEST", "The bundled model cannot be removed.");
      const rest = this.#user.filter((model) => model.id !== id);
      if (rest.length === this.#user.length) return false;
      await this.#save(rest);
      return true;
    });
  }

  /** Takes a removed entry back as it was; if its id was given to another pair since then, under a new one. */
  putBack(entry: ModelEntry): Promise<ModelEntry> {
    return this.#serial.run(async () => {
      const taken = [bundledModelId, ...this.#user.map(({ id }) => id)];
      const restored = { ...entry, id: taken.includes(entry.id) ? uniqueModelId(entry.modelPath, taken) : entry.id };
      await this.#save([...this.#user, restored]);
      return restored;
    });
  }

  /** The two files of a pair as absolute paths, without adding it; throws as {@link add} does. */
  async findPair(model: string, mmproj: string | undefined): Promise<{ modelPath: string; mmprojPath: string }> {
    const modelPath = path.resolve(model);
    await checkFile(modelPath);
    const { mmprojPath } = await this.#pair(modelPath, mmproj);
    return { modelPath, mmprojPath };
  }

  /** Takes in the SHA-256 of a file that was computed when it was downloaded. */
  learnHash(file: string, sha256: string): Promise<void> {
    return this.#hashes.learn(file, sha256);
  }

  /** Throws MODEL_NOT_FOUND and what reading the headers throws. */
  async info(id: string): Promise<ModelFileInfo> {
    const entry = await this.get(id);
    return { entry, inspection: await this.#inspect(entry.modelPath, entry.mmprojPath) };
  }

  /** The files as a run record describes them. Throws what reading the headers throws. */
  async files({ modelPath, mmprojPath }: ModelEntry): Promise<ModelFiles> {
    const { model, mmproj } = await this.#inspect(modelPath, mmprojPath);
    const describe = async (role: "model" | "mmproj", file: string, { bytes, tensorTypes }: typeof model) => {
      const sha256 = await this.#hashes.known(file);
      return { role, name: path.basename(file), bytes, sha256, tensorTypes };
    };
    return Promise.all([describe("model", modelPath, model), describe("mmproj", mmprojPath, mmproj)]);
  }

  /** Begins to compute the hashes that are still unknown; to be called when nothing else needs the machine. */
  hashInBackground({ modelPath, mmprojPath }: ModelEntry): void {
    for (const file of [modelPath, mmprojPath]) void this.#hashes.compute(file);
  }

  close(): void {
    this.#hashes.close();
  }

  async #pair(modelPath: string, mmprojPath: string | undefined) {
    const inspect: InspectPair = (model, mmproj) => this.#inspect(model, mmproj);
    if (mmprojPath === undefined) return findMmproj(modelPath, inspect);
    const resolved = path.resolve(mmprojPath);
    await checkFile(resolved);
    return { mmprojPath: resolved, inspection: await inspect(modelPath, resolved) };
  }

  async #inspect(modelPath: string, mmprojPath: string): Promise<PairInspection> {
    const key = JSON.stringify([await stampOf(modelPath), await stampOf(mmprojPath)]);
    const known = this.#inspections.get(key);
    if (known !== undefined) return known;
    const inspection = await this.#config.inspect(modelPath, mmprojPath);
    this.#inspections.set(key, inspection);
    return inspection;
  }

  async #save(models: readonly ModelEntry[]): Promise<void> {
    await this.#write(this.#file, `${JSON.stringify({ version: 1, models }, undefined, 2)}\n`, "the list of models");
    this.#user = models;
    this.#config.onChange(await this.list());
  }

  /** undefined if its files are not there. */
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
      return entryOf(base, await this.#inspect(modelPath, mmprojPath));
    } catch (error) {
      // The list must not depend on the engine; whoever uses the model then learns what is wrong with the engine.
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
    ...(model.quantisation === undefined ? {} : { quantisation: model.quantisation }),
    bytes: model.bytes + mmproj.bytes,
    modes,
    ...(minConfidence === undefined ? {} : { minConfidence }),
  };
}

function modelsFile(dataFolder: string): string {
  return path.join(dataFolder, "models.json");
}

/** Entries that cannot be read are left out, each with a line in the log; a broken file is an empty list. */
async function readModels({ dataFolder, log }: ModelRegistryConfig): Promise<ModelEntry[]> {
  try {
    const { models } = modelsFileSchema.parse(JSON.parse(await readFile(modelsFile(dataFolder), "utf8")));
    return models.flatMap((value) => {
      const parsed = modelEntrySchema.safeParse(value);
      if (!parsed.success) log.write("warn", "A model in models.json is skipped", { error: parsed.error.message });
      return parsed.success ? [parsed.data] : [];
    });
  } catch (error) {
    if (systemCode(error) !== "ENOENT") log.write("warn", "models.json cannot be used", { error: String(error) });
    return [];
  }
}

async function stampOf(file: string): Promise<readonly [file: string, bytes: number, mtimeMs: number]> {
  const { size, mtimeMs } = await checkFile(file);
  return [file, size, mtimeMs];
}

async function checkFile(file: string): Promise<{ readonly size: number; readonly mtimeMs: number }> {
  const name = path.basename(file);
  const found = await stat(file).catch((error: unknown) => {
    throw new HoloscopeError("FILE_MISSING", `There is no file "${name}".`, "Check the path.", String(error));
  });
  if (found.isFile()) return found;
  throw new HoloscopeError("FILE_MISSING", `"${name}" is not a file.`, "Choose the model's .gguf file itself.");
}
