import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type AnnotationPatch,
  annotated,
  defined,
  type EventPayload,
  factsOf,
  HoloscopeError,
  noAnnotations,
  type RunAnnotations,
  type RunFacts,
  type RunRecord,
  type RunSummary,
  runFactsSchema,
  runIdSchema,
  summariseRun,
} from "../../contract/index.ts";
import { type AtomicWriter, removeLeftovers, writeFileAtomic } from "../disk/atomic.ts";
import { FolderIndex } from "../disk/folder-index.ts";
import { listFolder } from "../disk/list-folder.ts";
import { storageError, systemCode } from "../disk/storage-error.ts";
import { defaultKeepMs, Trash } from "../disk/trash.ts";
import type { Log } from "../log.ts";
import { eachOf, Serial } from "../serial.ts";
import { AnnotationStore } from "./annotations.ts";
import { parseRecord, recordText } from "./text.ts";

type RunsChange = EventPayload<"runs.changed">;

interface RunStoreConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly onChange: (change: RunsChange) => void;
  readonly writeFile?: AtomicWriter;
}

/** A run's file as it lies on disk. */
export interface KeptRun {
  readonly id: string;
  /** undefined for a broken file, of which it is not known. */
  readonly imageId: string | undefined;
  /** When it was made here or came here, in ms since 1970. */
  readonly storedAtMs: number;
  readonly bytes: number;
}

/** To be raised whenever `factsOf` extracts something else from a record. */
const indexVersion = 3;
/** Files moved at once. */
const movers = 16;

/**
 * The library of runs: records in files runs/<id>.json, each written once and atomically, with annotations beside them
 * and a trash for undo. `onChange` is called with every change.
 */
export class RunStore {
  readonly #folder: string;
  readonly #onChange: (change: RunsChange) => void;
  readonly #write: AtomicWriter;
  readonly #index: FolderIndex<RunFacts>;
  readonly #annotations: AnnotationStore;
  readonly #trash: Trash;
  /** Changes run one at a time, since each reads before it writes. */
  readonly #changes = new Serial();
  /** Records that could not be written; they live as long as the host. */
  readonly #unsaved = new Map<string, RunRecord>();
  readonly #deletedUnsaved = new Map<string, RunRecord>();

  constructor(config: RunStoreConfig) {
    const { dataFolder, log, onChange } = config;
    this.#folder = path.join(dataFolder, "runs");
    this.#onChange = onChange;
    this.#write = config.writeFile ?? writeFileAtomic;
    this.#annotations = new AnnotationStore(config);
    this.#trash = new Trash({ folder: path.join(dataFolder, "trash"), keepMs: defaultKeepMs });
    this.#index = new FolderIndex({
      folder: this.#folder,
      file: path.join(dataFolder, "index", "runs.json"),
      version: indexVersion,
      schema: runFactsSchema,
      isId: (name) => runIdSchema.safeParse(name).success,
      read: (id) => this.#readFacts(id),
      log,
      ...defined({ writeFile: config.writeFile }),
    });
    void this.#trash.removeOld();
  }

  /** Throws DISK_FULL or STORAGE_FAILED; see `keepUnsaved`. */
  async save(run: RunRecord): Promise<void> {
    await this.#write(this.#path(run.id), recordText(run), "the run");
    this.#index.put(run.id, factsOf(run));
    this.#tell({ added: [summariseRun(run)] });
  }

  /** Keeps a record that could not be saved readable until the host closes. */
  keepUnsaved(run: RunRecord): void {
    this.#unsaved.set(run.id, run);
    this.#tell({ added: [summariseRun(run)] });
  }

  /** Newest first. Broken files are left out. */
  async list(filter: { readonly imageId?: string | undefined; readonly limit: number }): Promise<RunSummary[]> {
    const [stored, annotations] = await Promise.all([this.#index.refresh(), this.#annotations.all()]);
    return [...stored.values(), ...[...this.#unsaved.values()].map(factsOf)]
      .filter(({ imageId }) => filter.imageId === undefined || imageId === filter.imageId)
      .sort((a, b) => descending(a.createdAt, b.createdAt) || descending(a.id, b.id))
      .slice(0, filter.limit)
      .map((facts) => ({ ...facts, ...(annotations.get(facts.id) ?? noAnnotations) }));
  }

  /** Every run: broken files, those of other processes and runs that could not be saved included. Throws STORAGE_FAILED. */
  async kept(): Promise<KeptRun[]> {
    await listFolder(this.#folder);
    const [files, annotated] = await Promise.all([this.#index.files(), this.#annotations.files()]);
    const stored = [...files].map(([id, { value, bytes, mtimeMs }]) => ({
      id,
      imageId: value?.imageId,
      storedAtMs: mtimeMs,
      bytes: bytes + (annotated.get(id)?.bytes ?? 0),
    }));
    const unsaved = [...this.#unsaved.values()].map((run) => ({
      id: run.id,
      imageId: run.image.id,
      storedAtMs: Date.parse(run.createdAt),
      bytes: 0,
    }));
    return [...stored, ...unsaved];
  }

  /** Deleted runs that can still be brought back. Throws STORAGE_FAILED. */
  async trashed(): Promise<Omit<KeptRun, "storedAtMs">[]> {
    const contents = await this.#trash.contents();
    const bytesOf = new Map(contents.map(({ name, bytes }) => [name, bytes]));
    const ids = contents.flatMap(({ name }) =>
      name.endsWith(recordEnding) ? [name.slice(0, -recordEnding.length)] : [],
    );
    const runs = ids.map(async (id) => ({
      id,
      imageId: (await this.#read(this.#trash.path(recordInTrash(id))).catch(() => undefined))?.image.id,
      bytes: (bytesOf.get(recordInTrash(id)) ?? 0) + (bytesOf.get(annotationsInTrash(id)) ?? 0),
    }));
    const unsaved = [...this.#deletedUnsaved.values()].map(({ id, image }) => ({ id, imageId: image.id, bytes: 0 }));
    return [...(await Promise.all(runs)), ...unsaved];
  }

  /** Throws RUN_NOT_FOUND or RUN_FILE_INVALID. */
  async get(id: string): Promise<RunRecord> {
    const run = this.#unsaved.get(id) ?? (await this.#read(this.#path(id)));
    if (run === undefined) throw new HoloscopeError("RUN_NOT_FOUND", "There is no run with this id.");
    return run;
  }

  /** Throws RUN_NOT_FOUND or RUN_FILE_INVALID. */
  async annotations(id: string): Promise<RunAnnotations> {
    await this.get(id);
    return this.#annotations.get(id);
  }

  /** Throws RUN_NOT_FOUND, RUN_FILE_INVALID, DISK_FULL, STORAGE_FAILED. */
  annotate(id: string, patch: AnnotationPatch): Promise<RunSummary> {
    return this.#changes.run(async () => {
      const run = await this.get(id);
      const annotations = annotated(await this.#annotations.get(id), patch);
      await this.#annotations.set(id, annotations);
      const summary = { ...factsOf(run), ...annotations };
      this.#tell({ changed: [summary] });
      return summary;
    });
  }

  /** Moves runs to the trash; answers with the ids of those that were there. Throws STORAGE_FAILED. */
  delete(ids: readonly string[]): Promise<string[]> {
    return this.#changes.run(async () => {
      const removed: string[] = [];
      try {
        await eachOf([...new Set(ids)], movers, async (id) => {
          if (await this.#discard(id)) removed.push(id);
        });
      } finally {
        if (removed.length > 0) this.#tell({ removed });
      }
      return removed;
    });
  }

  /** Removes runs for good, those in the trash too; there is no undo. Throws STORAGE_FAILED. */
  erase(ids: readonly string[]): Promise<void> {
    return this.#changes.run(async () => {
      const removed: string[] = [];
      const problems: unknown[] = [];
      // One file that cannot be removed must not keep the others.
      await eachOf([...new Set(ids)], movers, async (id) => {
        await this.#erase(id).then(
          () => removed.push(id),
          (error: unknown) => problems.push(error),
        );
      });
      if (removed.length > 0) this.#tell({ removed });
      // The indexes hold facts of what was removed.
      await Promise.all([this.#index.writeNow(), this.#annotations.writeNow()]);
      if (problems.length > 0) throw problems[0];
    });
  }

  /**
   * Removes notes about runs that are not stored.
   * @param beforeMs last written before this time, in ms since 1970: an import writes the notes before the run
   */
  eraseOrphans(beforeMs: number): Promise<void> {
    return this.#changes.run(async () => {
      const [runs, annotated] = await Promise.all([this.#index.files(), this.#annotations.files()]);
      for (const [id, { mtimeMs }] of annotated) {
        if (mtimeMs < beforeMs && !runs.has(id) && !this.#unsaved.has(id)) await this.#annotations.erase(id);
      }
      await this.#annotations.writeNow();
    });
  }

  /** Removes what is left in the trash of every host, and what crashes left beside the files. Throws STORAGE_FAILED. */
  async eraseLeftovers(): Promise<void> {
    await this.#trash.empty();
    await removeLeftovers(this.#folder, 0);
    await this.#annotations.eraseLeftovers();
  }

  /** Brings back deleted runs that are still in the trash. Throws STORAGE_FAILED. */
  restore(ids: readonly string[]): Promise<RunSummary[]> {
    return this.#changes.run(async () => {
      const added: RunSummary[] = [];
      try {
        await eachOf([...new Set(ids)], movers, async (id) => {
          const run = await this.#bringBack(id);
          if (run !== undefined) added.push({ ...factsOf(run), ...(await this.#annotations.get(id)) });
        });
      } finally {
        if (added.length > 0) this.#tell({ added });
      }
      return added;
    });
  }

  /**
   * Imports another machine's record. A run that is stored already is not stored again; a different run with the same
   * id gets a new id, made from its content. Existing annotations stay. Throws DISK_FULL, STORAGE_FAILED.
   */
  import(run: RunRecord, annotations: RunAnnotations = noAnnotations): Promise<RunSummary> {
    return this.#changes.run(async () => {
      const { stored, isNew } = await this.#takeIn(run);
      const before = await this.#annotations.get(stored.id);
      if (!isNew) return { ...factsOf(stored), ...before };
      const kept = isDeepStrictEqual(before, noAnnotations) ? annotations : before;
      await this.#annotations.set(stored.id, kept);
      await this.#write(this.#path(stored.id), recordText(stored), "the run");
      this.#index.put(stored.id, factsOf(stored));
      const summary = { ...factsOf(stored), ...kept };
      this.#tell({ added: [summary] });
      return summary;
    });
  }

  /** Writes what is to be written and makes deletions final. */
  async close(): Promise<void> {
    await this.#changes.run(async () => {
      await Promise.all([this.#index.close(), this.#annotations.close(), this.#trash.close()]);
    });
  }

  async #takeIn(run: RunRecord): Promise<{ readonly stored: RunRecord; readonly isNew: boolean }> {
    const here = await this.#readable(run.id);
    if (here === undefined) return { stored: run, isNew: true };
    if (isDeepStrictEqual(here, run)) return { stored: run, isNew: false };
    const hash = createHash("sha256").update(JSON.stringify(run)).digest("hex").slice(0, 12);
    const renamed: RunRecord = { ...run, id: `${run.id.slice(0, 51)}-${hash}` };
    return { stored: renamed, isNew: !isDeepStrictEqual(await this.#readable(renamed.id), renamed) };
  }

  async #discard(id: string): Promise<boolean> {
    const unsaved = this.#unsaved.get(id);
    if (unsaved !== undefined) {
      this.#unsaved.delete(id);
      this.#deletedUnsaved.set(id, unsaved);
    }
    const moved = await this.#trash.put(this.#path(id), recordInTrash(id));
    if (moved) this.#index.remove(id);
    if (moved || unsaved !== undefined) {
      await this.#trash.put(this.#annotations.path(id), annotationsInTrash(id));
      this.#annotations.forget(id);
    }
    return moved || unsaved !== undefined;
  }

  async #erase(id: string): Promise<void> {
    this.#unsaved.delete(id);
    this.#deletedUnsaved.delete(id);
    try {
      await rm(this.#path(id), { force: true });
      await this.#annotations.erase(id);
    } catch (error) {
      throw storageError(error, "delete the run");
    }
    this.#index.remove(id);
    await this.#trash.empty([recordInTrash(id), annotationsInTrash(id)]);
  }

  async #bringBack(id: string): Promise<RunRecord | undefined> {
    const unsaved = this.#deletedUnsaved.get(id);
    if (unsaved !== undefined) {
      this.#deletedUnsaved.delete(id);
      this.#unsaved.set(id, unsaved);
    } else if (!(await this.#trash.takeBack(recordInTrash(id), this.#path(id)))) return undefined;
    await this.#trash.takeBack(annotationsInTrash(id), this.#annotations.path(id));
    return this.#readable(id);
  }

  #tell(change: Partial<RunsChange>): void {
    this.#onChange({ added: [], changed: [], removed: [], ...change });
  }

  #path(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  /** undefined if there is no such file. Throws RUN_FILE_INVALID, STORAGE_FAILED. */
  async #read(file: string): Promise<RunRecord | undefined> {
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw storageError(error, "read the run");
    }
    return parseRecord(text);
  }

  async #readFacts(id: string): Promise<RunFacts> {
    const run = parseRecord(await readFile(this.#path(id), "utf8"));
    if (run.id !== id) throw new HoloscopeError("RUN_FILE_INVALID", `The file holds the run ${run.id}.`);
    return factsOf(run);
  }

  /** A broken file counts as absent: an import may take its place. */
  async #readable(id: string): Promise<RunRecord | undefined> {
    return this.#unsaved.get(id) ?? (await this.#read(this.#path(id)).catch(() => undefined));
  }
}

const recordEnding = ".run.json";
const recordInTrash = (id: string): string => `${id}${recordEnding}`;
const annotationsInTrash = (id: string): string => `${id}.annotations.json`;

/** Compares code units: ISO dates need no locale, which would take most of the time of sorting a long list. */
function descending(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? 1 : -1;
}
