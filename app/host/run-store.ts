import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { HoloscopeError, parseOrThrow } from "../contract/errors.ts";
import {
  type RunRecord,
  type RunSummary,
  runIdSchema,
  runRecordSchema,
  runSchemaName,
  runSchemaVersion,
  summariseRun,
} from "../contract/run.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic-file.ts";
import type { Log } from "./log.ts";
import { storageError, systemCode } from "./storage-error.ts";

export interface RunStoreConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
}

const ending = ".json";
/** Files read at once while the index is built. */
const readers = 16;

/**
 * Run records as files runs/<id>.json, each written once and whole. Summaries are kept in memory and brought up to
 * date with the folder at each listing, because another Holoscope (a command line beside the window) may write too.
 */
export class RunStore {
  readonly #folder: string;
  readonly #log: Log;
  readonly #write: AtomicWriter;
  readonly #index = new Map<string, RunSummary>();
  /** Ids of files that could not be read, so that each is logged once. */
  readonly #broken = new Set<string>();
  /** Records that could not be written; they live as long as the host. */
  readonly #unsaved = new Map<string, RunRecord>();

  constructor(config: RunStoreConfig) {
    this.#folder = path.join(config.dataFolder, "runs");
    this.#log = config.log;
    this.#write = config.writeFile ?? writeFileAtomic;
  }

  /** Throws DISK_FULL or STORAGE_FAILED; see `keepUnsaved`. */
  async save(run: RunRecord): Promise<void> {
    await this.#write(this.#path(run.id), `${JSON.stringify(run, undefined, 1)}\n`, "the run");
    this.#index.set(run.id, summariseRun(run));
  }

  /** Keeps a record that could not be saved readable until the host closes. */
  keepUnsaved(run: RunRecord): void {
    this.#unsaved.set(run.id, run);
  }

  /** Newest first. Broken files are left out. */
  async list(filter: { readonly imageId?: string | undefined; readonly limit: number }): Promise<RunSummary[]> {
    await this.#refresh();
    return [...this.#index.values(), ...[...this.#unsaved.values()].map(summariseRun)]
      .filter(({ imageId }) => filter.imageId === undefined || imageId === filter.imageId)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id))
      .slice(0, filter.limit);
  }

  /** Throws RUN_NOT_FOUND or RUN_FILE_INVALID. */
  async get(id: string): Promise<RunRecord> {
    const run = this.#unsaved.get(id) ?? (await this.#read(id));
    if (run === undefined) throw new HoloscopeError("RUN_NOT_FOUND", "There is no run with this id.");
    return run;
  }

  /** False if there is no such run. Throws STORAGE_FAILED. */
  async delete(id: string): Promise<boolean> {
    const unsaved = this.#unsaved.delete(id);
    try {
      await rm(this.#path(id));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return unsaved;
      throw storageError(error, "delete the run");
    }
    this.#index.delete(id);
    return true;
  }

  /**
   * Takes in a run file's text. A run that is here already is not stored again; another run that happens to have
   * the same id gets a new one, made from its content. Throws RUN_FILE_INVALID, DISK_FULL, STORAGE_FAILED.
   */
  async import(json: string): Promise<RunSummary> {
    const run = parseRun(json);
    const here = await this.#readable(run.id);
    if (here === undefined) return this.#saved(run);
    if (isDeepStrictEqual(here, run)) return summariseRun(run);
    const hash = createHash("sha256").update(JSON.stringify(run)).digest("hex").slice(0, 12);
    const renamed: RunRecord = { ...run, id: `${run.id.slice(0, 51)}-${hash}` };
    const again = await this.#readable(renamed.id);
    return again !== undefined && isDeepStrictEqual(again, renamed) ? summariseRun(again) : this.#saved(renamed);
  }

  async #saved(run: RunRecord): Promise<RunSummary> {
    await this.save(run);
    return summariseRun(run);
  }

  /** Ids are checked before they become part of a path. */
  #path(id: string): string {
    return path.join(this.#folder, `${parseOrThrow(runIdSchema, id, "BAD_REQUEST", "The run id")}${ending}`);
  }

  /** undefined if there is no such file. Throws RUN_FILE_INVALID, STORAGE_FAILED. */
  async #read(id: string): Promise<RunRecord | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path(id), "utf8");
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw storageError(error, "read the run");
    }
    return parseRun(text);
  }

  /** A broken file counts as absent: an import may take its place. */
  async #readable(id: string): Promise<RunRecord | undefined> {
    return this.#unsaved.get(id) ?? (await this.#read(id).catch(() => undefined));
  }

  async #refresh(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const ids = new Set(names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length)));
    for (const id of this.#index.keys()) if (!ids.has(id)) this.#index.delete(id);
    const unread = [...ids].filter((id) => !this.#index.has(id) && !this.#broken.has(id));
    const worker = async (): Promise<void> => {
      for (let id = unread.pop(); id !== undefined; id = unread.pop()) await this.#summarise(id);
    };
    await Promise.all(Array.from({ length: readers }, worker));
  }

  async #summarise(id: string): Promise<void> {
    try {
      const run = await this.#read(id);
      if (run === undefined) return;
      if (run.id !== id) throw new HoloscopeError("RUN_FILE_INVALID", `The file holds the run ${run.id}.`);
      this.#index.set(id, summariseRun(run));
    } catch (error) {
      this.#broken.add(id);
      this.#log.write("warn", `Run file ${id}${ending} is skipped`, { error: String(error) });
    }
  }
}

function parseRun(text: string): RunRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HoloscopeError(
      "RUN_FILE_INVALID",
      "The file is not a run of Holoscope: it is not JSON.",
      "Choose a .json file that Holoscope saved.",
      String(error),
    );
  }
  const claimed = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  if (claimed.schema !== runSchemaName) {
    throw new HoloscopeError(
      "RUN_FILE_INVALID",
      "The file is not a run of Holoscope.",
      "Choose a .json file that Holoscope saved.",
    );
  }
  if (typeof claimed.version === "number" && claimed.version > runSchemaVersion) {
    throw new HoloscopeError(
      "RUN_FILE_INVALID",
      `The run was saved by a newer Holoscope (format ${claimed.version}; this one reads ${runSchemaVersion}).`,
      "Update Holoscope and open the file again.",
    );
  }
  return parseOrThrow(runRecordSchema, value, "RUN_FILE_INVALID", "The run file");
}
