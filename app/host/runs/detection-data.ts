import { stat } from "node:fs/promises";
import path from "node:path";
import type { KeptData, RemovedData } from "../../contract/index.ts";
import { type AtomicWriter, removeLeftovers, writeFileAtomic } from "../disk/atomic.ts";
import type { EventHub } from "../events.ts";
import type { ImageStore, KeptImage } from "../images/store.ts";
import type { Log } from "../log.ts";
import { Serial } from "../serial.ts";
import type { SettingsStore } from "../settings.ts";
import type { ResultCache } from "./result-cache.ts";
import { leftoverMs, removable } from "./retention.ts";
import type { RunStore } from "./store.ts";
import type { TruthStore } from "./truth.ts";

interface DetectionDataConfig {
  readonly dataFolder: string;
  readonly images: ImageStore;
  readonly runs: RunStore;
  readonly truth: TruthStore;
  readonly results: ResultCache;
  readonly settings: SettingsStore;
  readonly events: EventHub;
  readonly log: Log;
  /** Cancels the detections of images, or all that are kept; resolves when their records are written. */
  readonly endDetections: (imageIds?: readonly string[]) => Promise<void>;
  readonly writeFile?: AtomicWriter;
}

/** ms from the start to the first tidying: what is shown first must not wait for it. */
const firstTidyMs = 30_000;
/** ms between two tidyings, of all processes together. */
const tidyEveryMs = 60 * 60 * 1000;
/** ms after a run until space is made for it, so that a batch is tidied after once. */
const afterRunMs = 5000;

interface Removal {
  readonly imageIds: readonly string[];
  /** Those of the images that lie on disk. */
  readonly pictures: readonly KeptImage[];
  readonly records: readonly { readonly id: string; readonly bytes: number }[];
  /** Images that came into use after this time stay, in ms since 1970. */
  readonly unusedSince?: number;
}

/**
 * What is kept of detections: how much it is, removing it for good, and tidying. A screenshot shows what was on a user's
 * screen, so whoever deletes one finds nothing of it on the disk afterwards: bytes, upright copy, runs, notes, ground
 * truth, trash, index and the entries of the result cache.
 */
export class DetectionData {
  readonly #config: DetectionDataConfig;
  /** Changes wait for each other, and `close` for them. */
  readonly #changes = new Serial();
  #timer: NodeJS.Timeout | undefined;
  /** The tidying that a run asked for. */
  #soon: NodeJS.Timeout | undefined;
  #tidied = false;

  constructor(config: DetectionDataConfig) {
    this.#config = config;
    this.#tidyIn(firstTidyMs);
  }

  /** Samples are not counted, but their runs are. */
  async usage(): Promise<KeptData> {
    const { images, runs, truth } = this.#config;
    const amount = (files: readonly { readonly bytes: number }[]) => ({
      count: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    });
    return {
      images: amount((await images.kept()).filter(({ sample }) => !sample)),
      runs: amount(await runs.kept()),
      truth: amount(await truth.kept()),
      trash: amount(await runs.trashed()),
    };
  }

  /** Throws STORAGE_FAILED, after everything else is removed. */
  deleteImages(ids: readonly string[]): Promise<RemovedData> {
    return this.#changes.run(async () => {
      const { images, runs, endDetections } = this.#config;
      await endDetections(ids);
      const wanted = new Set(ids);
      const pictures = (await images.kept()).filter(({ id }) => wanted.has(id));
      const records = [...(await runs.kept()), ...(await runs.trashed())].filter(
        ({ imageId }) => imageId !== undefined && wanted.has(imageId),
      );
      return this.#remove({ imageIds: ids, pictures, records });
    });
  }

  /** Leaves images that are lent to requests under way: they go by themselves. Throws as `deleteImages`. */
  clear(): Promise<RemovedData> {
    return this.#changes.run(async () => {
      const { images, runs, truth, endDetections } = this.#config;
      await endDetections();
      const pictures = (await images.kept()).filter(({ state, held }) => state !== "lent" || !held);
      const records = [...(await runs.kept()), ...(await runs.trashed())];
      // Runs and truth may be of images that were never stored here, and windows show those too.
      const named = [...records, ...(await truth.kept())].flatMap(({ imageId }) => imageId ?? []);
      const imageIds = [...new Set([...pictures.map(({ id }) => id), ...named])].filter(
        (id) => !images.isHeld(id) || pictures.some((picture) => picture.id === id),
      );
      const removed = await this.#remove({ imageIds, pictures, records });
      await runs.eraseOrphans(Number.POSITIVE_INFINITY);
      await runs.eraseLeftovers();
      for (const folder of ["images", "truth", "cache", "index"]) {
        await removeLeftovers(path.join(this.#config.dataFolder, folder), 0);
      }
      return removed;
    });
  }

  /** Removes what the settings no longer keep, and what belongs to nothing. Throws STORAGE_FAILED. */
  tidy(): Promise<RemovedData> {
    return this.#changes.run(async () => {
      const { images, runs, truth, settings } = this.#config;
      const now = Date.now();
      const { recentImages, ...wanted } = await settings.refresh();
      const [pictures, records, trashed] = [await images.kept(), await runs.kept(), await runs.trashed()];
      const named = [...(await truth.kept()), ...trashed].flatMap(({ imageId }) => imageId ?? []);
      const { imageIds, runIds } = removable(
        {
          images: pictures,
          runs: records,
          named: new Set([...recentImages, ...named]),
          allKnown: [...records, ...trashed].every(({ imageId }) => imageId !== undefined),
        },
        wanted,
        now,
      );
      const [gone, goneRuns] = [new Set(imageIds), new Set(runIds)];
      const removed = await this.#remove({
        imageIds,
        pictures: pictures.filter(({ id }) => gone.has(id)),
        records: records.filter(({ id }) => goneRuns.has(id)),
        unusedSince: now,
      });
      await runs.eraseOrphans(now - leftoverMs);
      await this.#stamp();
      this.#tidied = true;
      return removed;
    });
  }

  /** To be called after each stored run: there may be too much now. */
  runAdded(): void {
    if (this.#config.settings.current.keepGb === 0) return;
    // Not pushed back by the next run, or a busy service would never be tidied.
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#tidyQuietly();
    }, afterRunMs).unref();
  }

  /** Ends what was begun. A process that ends before its first tidying does it now, if none was done for an hour. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#soon);
    await this.#changes.run(async () => {});
    if (!this.#tidied && (await this.#isDue())) await this.#tidyQuietly();
  }

  /** Goes on where something cannot be removed, tells of what is gone, and then throws the first problem. */
  async #remove({ imageIds, pictures, records, unusedSince }: Removal): Promise<RemovedData> {
    if (imageIds.length === 0 && records.length === 0) return { images: 0, runs: 0, bytes: 0 };
    const { images, runs, truth, results, settings, events, log } = this.#config;
    const goneRuns = new Set(records.map(({ id }) => id));
    const problems: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>): Promise<void> => {
      await work().catch((error: unknown) => problems.push(error));
    };
    await attempt(() => runs.erase([...goneRuns]));
    const { gone, problem } = await images.delete(imageIds, unusedSince);
    if (problem !== undefined) problems.push(problem);
    for (const id of gone) await attempt(() => truth.clear(id));
    await attempt(async () => {
      const left = new Set((await runs.kept()).map(({ id }) => id));
      await results.removeOrphans((id) => left.has(id));
    });
    const isGone = new Set(gone);
    if (settings.current.recentImages.some((id) => isGone.has(id))) {
      await attempt(() =>
        settings.update(({ recentImages }) => ({ recentImages: recentImages.filter((id) => !isGone.has(id)) })),
      );
    }
    if (gone.length > 0) events.emit("images.removed", { ids: [...gone] });
    const removed = pictures.filter(({ id, sample }) => isGone.has(id) && !sample);
    log.write("info", `Removed for good: ${removed.length} images, ${records.length} runs`);
    if (problems.length > 0) throw problems[0];
    const bytes = [...removed, ...records].reduce((sum, file) => sum + file.bytes, 0);
    return { images: removed.length, runs: records.length, bytes };
  }

  #tidyIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#tidyQuietly().then(() => this.#tidyIn(tidyEveryMs));
    }, ms).unref();
  }

  async #tidyQuietly(): Promise<void> {
    await this.tidy().catch((error: unknown) =>
      this.#config.log.write("warn", "What is no longer kept could not be removed", { error: String(error) }),
    );
  }

  get #stampPath(): string {
    return path.join(this.#config.dataFolder, "index", "tidied");
  }

  async #isDue(): Promise<boolean> {
    const last = await stat(this.#stampPath).catch(() => undefined);
    return last === undefined || Math.abs(Date.now() - last.mtimeMs) > tidyEveryMs;
  }

  /** Its time of writing tells the processes after this one that they need not tidy. */
  async #stamp(): Promise<void> {
    const { writeFile = writeFileAtomic } = this.#config;
    await writeFile(this.#stampPath, `${new Date().toISOString()}\n`, "the time of tidying").catch(() => {});
  }
}
