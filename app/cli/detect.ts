import { randomUUID } from "node:crypto";
import path from "node:path";
import {
  type AnsweredRun,
  type DetectRequestInput,
  HoloscopeError,
  type ImageRef,
  type Repeat,
  type RunRecord,
} from "../contract/index.ts";
import { writeFileAtomic } from "../host/atomic-file.ts";
import type { Host } from "../host/types.ts";
import { taggedBoxes } from "../server/tagged-boxes.ts";
import { chooseModel } from "./choose-model.ts";
import { type DetectOptions, parseDetectOptions, type RawDetectOptions } from "./detect-options.ts";
import type { Environment } from "./environment.ts";
import { exitCodes, printError } from "./errors.ts";
import {
  type JsonTarget,
  jsonTarget,
  type NamedRun,
  type OverlayTarget,
  outputNames,
  overlayFile,
  overlayTarget,
  runFiles,
} from "./outputs.ts";
import { Progress } from "./progress.ts";
import { runReport } from "./run-report.ts";
import { Throughput } from "./throughput.ts";

/** An image that is stored, and its run if that is queued already. */
interface Begun {
  readonly image: ImageRef;
  readonly first?: Started;
}

interface Started {
  readonly done: Promise<AnsweredRun>;
}

/** One `detect` command while it runs. */
class DetectJob {
  readonly #runs: NamedRun[] = [];
  readonly #json: JsonTarget | undefined;
  readonly #overlay: OverlayTarget | undefined;
  readonly #quiet: boolean;
  #host: Host | undefined;
  #modelId: string | undefined;
  readonly #runIds = new Set<string>();
  readonly #throughput = new Throughput();
  #interrupted = false;
  #failed = false;

  constructor(
    private readonly environment: Environment,
    private readonly images: readonly string[],
    private readonly options: DetectOptions,
    raw: RawDetectOptions,
  ) {
    this.#json = raw.json === undefined ? undefined : jsonTarget(raw.json);
    this.#overlay = raw.overlay === undefined ? undefined : overlayTarget(raw.overlay, images);
    this.#quiet = options.quiet || this.#json?.kind === "stdout";
  }

  async run(): Promise<number> {
    const stopListening = this.environment.onInterrupt(() => this.#interrupt());
    const host = await this.environment.openHost("desktop");
    this.#host = host;
    const progress = new Progress(this.environment.terminal, host);
    try {
      this.#modelId = await chooseModel(host, this.options.model);
      const names = outputNames(this.images);
      let next = this.#begin(host, 0);
      for (const [index, image] of this.images.entries()) {
        const present = next;
        const follow = () => this.#begin(host, index + 1);
        // Queued behind the present run, so that the engine can prepare its image meanwhile.
        if (this.#looksAhead()) next = reportedLater(present.then(follow, follow));
        await this.#detectImage(host, progress, image, names[index] ?? image, present);
        if (!this.#looksAhead()) next = reportedLater(follow());
      }
      if (!this.#quiet && this.options.repeat === 1) this.environment.terminal.out(this.#throughput.report());
      await this.#writeJson();
    } finally {
      progress.end();
      await host.close();
      stopListening();
    }
    if (this.#interrupted) return exitCodes.interrupted;
    return this.#failed ? exitCodes.failed : exitCodes.done;
  }

  #interrupt(): void {
    this.#interrupted = true;
    // A run may end by itself in this very moment; it is over either way.
    for (const runId of this.#runIds) this.#host?.call("runs.cancel", { runId }).catch(() => {});
  }

  /** What is measured has the machine for itself; a focused run builds on the one before. */
  #looksAhead(): boolean {
    const { repeat, profileOps, overrides } = this.options;
    return repeat === 1 && !profileOps && overrides.focus !== true && overrides.prefetch !== false;
  }

  /** Stores an image and, unless it is repeated, queues its run. undefined behind the last one and when interrupted. */
  async #begin(host: Host, index: number): Promise<Begun | undefined> {
    const file = this.images[index];
    if (file === undefined || this.#interrupted) return undefined;
    const image = await host.call("images.addPath", { path: path.resolve(file) });
    if (this.options.repeat > 1 || this.#interrupted) return { image };
    return { image, first: await this.#start(host, this.#request(image.id, { group: "", index: 0, of: 1 })) };
  }

  /** All runs of one image. Its errors are printed and remembered; the next image goes on. */
  async #detectImage(host: Host, progress: Progress, file: string, name: string, present: Promise<Begun | undefined>) {
    const { terminal } = this.environment;
    try {
      progress.start(name);
      const begun = await present;
      const runs = begun === undefined ? [] : await this.#repeat(host, progress, begun, name);
      progress.clear();
      const last = runs.at(-1);
      if (!last) return;
      if (!this.#quiet) terminal.out(runReport(terminal, runs));
      await this.#writeOverlay(host, last, name);
      if (!this.#quiet) terminal.out("\n");
    } catch (error) {
      this.#failed = true;
      progress.clear();
      printError(terminal, HoloscopeError.from(error).toInfo(), this.images.length > 1 ? file : undefined);
    }
  }

  /** The finished runs. Throws the error of the first that failed; stops where the user interrupts. */
  async #repeat(host: Host, progress: Progress, { image, first }: Begun, name: string): Promise<AnsweredRun[]> {
    const { repeat } = this.options;
    const group = randomUUID();
    const runs: AnsweredRun[] = [];
    for (let index = 0; index < repeat && !this.#interrupted; index++) {
      if (repeat > 1) progress.start(`${name} ${index + 1}/${repeat}`);
      const { done } = first ?? (await this.#start(host, this.#request(image.id, { group, index, of: repeat })));
      const run = await done;
      this.#runs.push({ name, run });
      if (run.status === "done") {
        runs.push(run);
        continue;
      }
      if (this.#interrupted) break;
      throw run.error ? HoloscopeError.fromInfo(run.error) : new HoloscopeError("CANCELLED", "The run was cancelled.");
    }
    return runs;
  }

  async #start(host: Host, request: DetectRequestInput): Promise<Started> {
    const { runId, done } = await host.detect(request);
    this.#runIds.add(runId);
    if (this.#interrupted) this.#interrupt();
    const ended = done.then((run) => {
      this.#runIds.delete(runId);
      this.#throughput.add(run);
      return run;
    });
    return { done: ended };
  }

  #request(imageId: string, series: Repeat): DetectRequestInput {
    const { mode, target, profile, backend, overrides, useCache, profileOps } = this.options;
    return {
      imageId,
      mode,
      overrides,
      ...(series.of > 1 ? { repeat: series } : {}),
      // The report is about the last run, so only that one is profiled.
      ...(profileOps && series.index === series.of - 1 ? { profileOps } : {}),
      ...(useCache ? { useCache } : {}),
      ...(target === undefined ? {} : { target }),
      ...(this.#modelId === undefined ? {} : { modelId: this.#modelId }),
      ...(profile === undefined ? {} : { profile }),
      ...(backend === undefined ? {} : { backend }),
    };
  }

  async #writeOverlay(host: Host, run: RunRecord, name: string): Promise<void> {
    if (!this.#overlay) return;
    const file = overlayFile(this.#overlay, name);
    const png = await host.overlay(
      run.image.id,
      taggedBoxes(run.detections, ({ id }) => id.replace(/^e/, "")),
    );
    await writeFileAtomic(path.resolve(file), png, `the overlay ${file}`);
    if (!this.#quiet) this.environment.terminal.out(`overlay: ${file}\n`);
  }

  async #writeJson(): Promise<void> {
    const target = this.#json;
    if (!target || this.#runs.length === 0) return;
    const format = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
    if (target.kind === "folder") {
      for (const [file, run] of runFiles(target.folder, this.#runs, this.options.repeat)) {
        await writeFileAtomic(path.resolve(file), format(run), `the run ${file}`);
      }
      return;
    }
    const single = this.images.length * this.options.repeat === 1;
    const text = format(single ? this.#runs[0]?.run : this.#runs.map(({ run }) => run));
    if (target.kind === "stdout") this.environment.terminal.out(text);
    else await writeFileAtomic(path.resolve(target.file), text, `the runs ${target.file}`);
  }
}

/** A promise that may reject before anyone awaits it. */
function reportedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Detects in every image and prints, draws and writes what is asked for. Resolves with the exit code. */
export async function detect(
  environment: Environment,
  images: readonly string[],
  raw: RawDetectOptions,
): Promise<number> {
  return new DetectJob(environment, images, parseDetectOptions(raw), raw).run();
}
