import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type AnnotationPatch, annotated, type RunAnnotations } from "../contract/annotations.ts";
import type { EventPayload } from "../contract/api.ts";
import { HoloscopeError, parseOrThrow } from "../contract/errors.ts";
import { type RunRecord, runIdSchema } from "../contract/run.ts";
import {
  factsOf,
  noAnnotations,
  type RunFacts,
  type RunSummary,
  runFactsSchema,
  summariseRun,
  withAnnotations,
} from "../contract/run-summary.ts";
import { AnnotationStore } from "./annotation-store.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic-file.ts";
import { FolderIndex } from "./folder-index.ts";
import type { Log } from "./log.ts";
import { parseRecord, recordText } from "./run-text.ts";
import { Serial } from "./serial.ts";
import { storageError, systemCode } from "./storage-error.ts";
import { defaultKeepMs, Trash } from "./trash.ts";

export type RunsChange = EventPayload<"runs.changed">;

export interface RunStoreConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly onChange: (change: RunsChange) => void;
  readonly writeFile?: AtomicWriter;
}

/** Goes up whenever `factsOf` takes something else out of a record. */
const indexVersion = 3;
/** Files moved at once. */
const movers = 16;

/**
 * The library of runs: records as files runs/<id>.json, each written once and whole, with what the user wrote beside
 * them and a trash for undo. Every change is told to `onChange`.
 */
export class RunStore {
  readonly #folder: string;
  readonly #onChange: (change: RunsChange) => void;
  readonly #write: AtomicWriter;
  readonly #index: FolderIndex<RunFacts>;
  readonly #annotations: AnnotationStore;
  readonly #trash: Trash;
  /** Changes to what is stored, one after the other: each looks before it writes. */
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
      ...(config.writeFile === undefined ? {} : { writeFile: config.writeFile }),
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
      .map((facts) => withAnnotations(facts, annotations.get(facts.id) ?? noAnnotations));
  }

  /** Throws RUN_NOT_FOUND or RUN_FILE_INVALID. */
  async get(id: string): Promise<RunRecord> {
    const run = this.#unsaved.get(id) ?? (await this.#read(id));
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
      const summary = withAnnotations(factsOf(run), annotations);
      this.#tell({ changed: [summary] });
      return summary;
    });
  }

  /** Moves runs to the trash; answers with the ids of those that were there. Throws STORAGE_FAILED. */
  delete(ids: readonly string[]): Promise<string[]> {
    return this.#changes.run(async () => {
      const removed: string[] = [];
      try {
        await eachOf(ids, async (id) => {
          if (await this.#discard(id)) removed.push(id);
        });
      } finally {
        if (removed.length > 0) this.#tell({ removed });
      }
      return removed;
    });
  }

  /** Brings back deleted runs that are still in the trash. Throws STORAGE_FAILED. */
  restore(ids: readonly string[]): Promise<RunSummary[]> {
    return this.#changes.run(async () => {
      const added: RunSummary[] = [];
      try {
        await eachOf(ids, async (id) => {
          const run = await this.#bringBack(id);
          if (run !== undefined) added.push(withAnnotations(factsOf(run), await this.#annotations.get(id)));
        });
      } finally {
        if (added.length > 0) this.#tell({ added });
      }
      return added;
    });
  }

  /**
   * Takes in another machine's record. A run that is here already is not stored again; another run that happens to
   * have the same id gets a new one, made from its content. Annotations that are here already stay.
   * Throws DISK_FULL, STORAGE_FAILED.
   */
  import(run: RunRecord, annotations: RunAnnotations = noAnnotations): Promise<RunSummary> {
    return this.#changes.run(async () => {
      const { stored, isNew } = await this.#takeIn(run);
      const before = await this.#annotations.get(stored.id);
      if (!isNew) return withAnnotations(factsOf(stored), before);
      const kept = isDeepStrictEqual(before, noAnnotations) ? annotations : before;
      await this.#annotations.set(stored.id, kept);
      await this.#write(this.#path(stored.id), recordText(stored), "the run");
      this.#index.put(stored.id, factsOf(stored));
      const summary = withAnnotations(factsOf(stored), kept);
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

  /** Ids are checked before they become part of a path. */
  #path(id: string): string {
    return path.join(this.#folder, `${parseOrThrow(runIdSchema, id, "BAD_REQUEST", "The run id")}.json`);
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
    return parseRecord(text);
  }

  async #readFacts(id: string): Promise<RunFacts> {
    const run = parseRecord(await readFile(this.#path(id), "utf8"));
    if (run.id !== id) throw new HoloscopeError("RUN_FILE_INVALID", `The file holds the run ${run.id}.`);
    return factsOf(run);
  }

  /** A broken file counts as absent: an import may take its place. */
  async #readable(id: string): Promise<RunRecord | undefined> {
    return this.#unsaved.get(id) ?? (await this.#read(id).catch(() => undefined));
  }
}

const recordInTrash = (id: string): string => `${id}.run.json`;
const annotationsInTrash = (id: string): string => `${id}.annotations.json`;

/** By code units: dates in ISO form need no locale, which would cost most of a long list's time. */
function descending(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? 1 : -1;
}

async function eachOf(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const left = [...new Set(ids)];
  const worker = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id);
  };
  await Promise.all(Array.from({ length: movers }, worker));
}
