import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type DetectRequestInput, defined, HoloscopeError, localEngineId, type RunRecord } from "../contract/index.ts";
import { askedHash } from "../host/batch/asked.ts";
import { Journal } from "../host/batch/journal.ts";
import { runDetection } from "../host/run-detection.ts";
import { eachOf } from "../host/serial.ts";
import type { Host } from "../host/types.ts";
import { batchImages, shardOf } from "./batch-inputs.ts";
import { type BatchOutputs, writeBatch } from "./batch-outputs.ts";
import { BatchProgress } from "./batch-progress.ts";
import { chooseModel } from "./choose-model.ts";
import { type DetectOptions, parseDetectOptions, type RawRunOptions } from "./detect-options.ts";
import { engineIds } from "./engines.ts";
import { type Environment, withInterruptibleHost } from "./environment.ts";
import { exitCodes, printError, printWarning, UsageError } from "./errors.ts";
import { outputNames } from "./outputs.ts";
import { LiveLine, type Terminal } from "./terminal.ts";

/** Options of `batch` as commander hands them over. */
export interface RawBatchOptions extends RawRunOptions, BatchOutputs {
  readonly journal?: string;
  readonly shard?: string;
  readonly quiet?: boolean;
  readonly [option: string]: unknown;
}

/** One file of the batch. */
interface Item {
  readonly file: string;
  /** Of its run file. */
  readonly name: string;
  /** SHA-256 of its bytes, once it was read. */
  sha256?: string;
}

/** How an image ended; "left" was not ended by anything of its own. */
type Outcome = "done" | "failed" | "left";

/** One `batch` command while it runs. */
class BatchJob {
  readonly #terminal: Terminal;
  readonly #host: Host;
  readonly #interrupted: AbortSignal;
  readonly #items: readonly Item[];
  readonly #journal: Journal;
  readonly #request: Omit<DetectRequestInput, "imageId">;
  readonly #asked: string;
  readonly #progress: BatchProgress;
  readonly #line: LiveLine;
  /** By SHA-256: files with the same bytes are one image. */
  readonly #begun = new Map<string, Promise<Outcome>>();
  /** Why no more images are begun: the engines are gone, or the disk is full. */
  #stopped: HoloscopeError | undefined;

  constructor(
    terminal: Terminal,
    host: Host,
    interrupted: AbortSignal,
    items: readonly Item[],
    journal: Journal,
    asked: { readonly request: Omit<DetectRequestInput, "imageId">; readonly hash: string },
  ) {
    this.#terminal = terminal;
    this.#host = host;
    this.#interrupted = interrupted;
    this.#items = items;
    this.#journal = journal;
    this.#request = asked.request;
    this.#asked = asked.hash;
    this.#progress = new BatchProgress(items.length);
    this.#line = new LiveLine(terminal);
  }

  /** @param atOnce images in work, waiting ones included */
  async run(atOnce: number, outputs: BatchOutputs, quiet: boolean): Promise<number> {
    await eachOf(this.#items, atOnce, (item) => this.#take(item));
    this.#line.clear();
    if (this.#stopped !== undefined) this.#tellStop(this.#stopped);
    if (this.#interrupted.aborted) return exitCodes.interrupted;
    await writeBatch(this.#results(), outputs);
    if (!quiet) this.#terminal.out(`${this.#progress.line()}\n`);
    return this.#progress.left + this.#progress.failed > 0 ? exitCodes.failed : exitCodes.done;
  }

  async #take(item: Item): Promise<void> {
    if (this.#interrupted.aborted || this.#stopped !== undefined) return;
    const outcome = await this.#detect(item).catch((error: unknown) => this.#fail(item, HoloscopeError.from(error)));
    if (outcome !== "left") this.#progress.ended(outcome);
    this.#line.show(this.#progress.line());
  }

  async #detect(item: Item): Promise<Outcome> {
    const bytes = await readFile(item.file).catch((error: unknown) => {
      throw new HoloscopeError(
        "FILE_MISSING",
        `${item.file} cannot be read.`,
        "Check its path and rights.",
        String(error),
      );
    });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    item.sha256 = sha256;
    const copy = this.#begun.get(sha256);
    if (copy !== undefined || this.#journal.isDone(sha256, this.#asked)) {
      const outcome = (await copy) ?? "done";
      if (outcome !== "done") return outcome;
      this.#progress.known();
      return "left";
    }
    const outcome = this.#detectBytes(item, sha256, bytes);
    this.#begun.set(sha256, outcome);
    return outcome;
  }

  async #detectBytes(item: Item, image: string, bytes: Uint8Array): Promise<Outcome> {
    const about = { image, asked: this.#asked };
    try {
      const run = await this.#runOn(bytes, path.basename(item.file));
      await this.#journal.append({ outcome: "done", ...about, at: new Date().toISOString(), run });
      return "done";
    } catch (caught) {
      const error = HoloscopeError.from(caught);
      if (this.#interrupted.aborted || error.code === "CANCELLED") return "left";
      // No fault of the image: it stays to be done, and so do those that the same would happen to.
      if (error.retry !== undefined || stopping.has(error.code)) {
        this.#stopped ??= error;
        return "left";
      }
      const { name } = item;
      await this.#journal.append({
        outcome: "failed",
        ...about,
        at: new Date().toISOString(),
        name,
        error: error.toInfo(),
      });
      return this.#fail(item, error);
    }
  }

  /** Neither image nor run stays in the data folder unless the user keeps what services are sent: the journal has them. */
  async #runOn(bytes: Uint8Array, name: string): Promise<RunRecord> {
    const { image, keep, giveBack } = await this.#host.takeIn(bytes, name);
    try {
      const request = { ...this.#request, imageId: image.id };
      const { cached: _, ...run } = await runDetection(this.#host, request, { keep, gone: this.#interrupted });
      return { ...run, image };
    } finally {
      await giveBack();
    }
  }

  #fail({ file }: Item, error: HoloscopeError): Outcome {
    this.#line.clear();
    printError(this.#terminal, error.toInfo(), file);
    return "failed";
  }

  #tellStop(error: HoloscopeError): void {
    printError(this.#terminal, error.toInfo());
    const message = `The batch stopped: ${this.#progress.line()}.`;
    printWarning(this.#terminal, { code: error.code, message, hint: "The same command goes on where it stopped." });
  }

  #results() {
    const seen = new Set<string>();
    return this.#items.flatMap(({ name, sha256 }) => {
      if (sha256 === undefined || !this.#journal.isDone(sha256, this.#asked)) return [];
      const isCopy = seen.has(sha256);
      seen.add(sha256);
      return [{ name, isCopy, run: () => this.#journal.run(sha256, this.#asked) }];
    });
  }
}

/** What would happen to every other image too. */
const stopping: ReadonlySet<string> = new Set([
  "DISK_FULL",
  "STORAGE_FAILED",
  "ENDPOINT_NOT_FOUND",
  "UNAUTHORIZED",
  "ENDPOINT_UNENCRYPTED",
  "MODEL_NOT_FOUND",
  "NATIVE_MISSING",
  "BACKEND_UNAVAILABLE",
  "MODE_UNSUPPORTED",
]);

/** Detects in many images, and goes on where an earlier process ended. Resolves with the exit code. */
export async function batch(
  environment: Environment,
  inputs: readonly string[],
  raw: RawBatchOptions,
): Promise<number> {
  const { journal: file, shard, json, coco, jsonl, ...rest } = raw;
  if (file === undefined)
    throw new UsageError("--journal needs the file that keeps what is done.", "For example: --journal job.jsonl");
  const images = await batchImages(inputs);
  const names = outputNames(images);
  const items = shardOf(
    images.map((image, index): Item => ({ file: image, name: names[index] ?? image })),
    shard,
  );
  const options = parseDetectOptions(rest, images);
  return withInterruptibleHost(environment, async (host, interrupted) => {
    const request = await requestOf(host, options);
    const settings = await host.call("settings.get", {});
    const engines = request.engines ?? settings.engines;
    const atOnce = await slotsOf(environment.terminal, host, engines);
    const hash = askedHash(request, settings);
    return Journal.use(path.resolve(file), (journal) =>
      new BatchJob(environment.terminal, host, interrupted, items, journal, { request, hash }).run(
        atOnce,
        { json, coco, jsonl },
        options.quiet,
      ),
    );
  });
}

async function requestOf(host: Host, options: DetectOptions): Promise<Omit<DetectRequestInput, "imageId">> {
  const { mode, target, profile, backend, overrides, useCache, model, engines } = options;
  return {
    mode,
    overrides,
    ...defined({
      useCache: useCache ? useCache : undefined,
      target,
      modelId: await chooseModel(host, model),
      engines: await engineIds(host, engines),
      profile,
      backend,
    }),
  };
}

/**
 * How many images to have in work so that no engine waits: what all take at once, and one more for each, whose bytes are
 * read meanwhile. Warns of engines that do not answer now; the others do their part.
 */
async function slotsOf(terminal: Terminal, host: Host, engines: readonly string[]): Promise<number> {
  const slots = await Promise.all(
    engines.map(async (id) => {
      if (id === localEngineId) return 1;
      const [{ probe, problem }, entries] = [
        await host.call("endpoints.check", { id }),
        await host.call("endpoints.list", {}),
      ];
      if (problem !== undefined) printWarning(terminal, problem);
      return entries.find(({ endpoint }) => endpoint.id === id)?.endpoint.slots ?? probe?.slots ?? 1;
    }),
  );
  return slots.reduce((sum, each) => sum + each + 1, 0);
}
