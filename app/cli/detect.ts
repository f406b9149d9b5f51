import { randomUUID } from "node:crypto";
import path from "node:path";
import {
  type AnsweredRun,
  type DetectRequestInput,
  defined,
  HoloscopeError,
  type ImageRef,
  type Repeat,
  type RunRecord,
} from "../contract/index.ts";
import { writeOutputFile } from "../host/disk/atomic.ts";
import type { Host } from "../host/types.ts";
import { chooseModel } from "./choose-model.ts";
import { type DetectOptions, parseDetectOptions, type RawDetectOptions } from "./detect-options.ts";
import { engineIds } from "./engines.ts";
import { type Environment, withInterruptibleHost } from "./environment.ts";
import { exitCodes, printError } from "./errors.ts";
import { outputNames, overlayFile, runFile } from "./outputs.ts";
import { Progress } from "./progress.ts";
import { runReport } from "./run-report.ts";
import type { Terminal } from "./terminal.ts";
import { Throughput } from "./throughput.ts";
import { MeasuredTruth } from "./truth.ts";

/** A stored image, and its run if that is queued already. */
interface Begun {
  readonly image: ImageRef;
  readonly first?: { readonly done: Promise<AnsweredRun> };
}

/** One `detect` command while it runs. */
class DetectJob {
  readonly #terminal: Terminal;
  readonly #host: Host;
  /** Fires at Ctrl-C. */
  readonly #interrupted: AbortSignal;
  readonly #options: DetectOptions;
  readonly #progress: Progress;
  readonly #runs: AnsweredRun[] = [];
  readonly #runIds = new Set<string>();
  readonly #throughput = new Throughput();
  readonly #truth: MeasuredTruth | undefined;
  #modelId: string | undefined;
  #engines: string[] | undefined;
  #failed = false;

  constructor(
    terminal: Terminal,
    host: Host,
    interrupted: AbortSignal,
    options: DetectOptions,
    truth: MeasuredTruth | undefined,
  ) {
    this.#terminal = terminal;
    this.#host = host;
    this.#interrupted = interrupted;
    this.#truth = truth;
    this.#options = options;
    this.#progress = new Progress(terminal, host);
  }

  async run(): Promise<number> {
    const { images, model, repeat, quiet, engines } = this.#options;
    this.#interrupted.addEventListener("abort", () => this.#cancelRuns());
    try {
      this.#modelId = await chooseModel(this.#host, model);
      this.#engines = await engineIds(this.#host, engines);
      const names = outputNames(images);
      let next = this.#begin(0);
      for (const [index, image] of images.entries()) {
        const present = next;
        const follow = () => this.#begin(index + 1);
        // Queued behind the current run, so that the engine can prepare its image meanwhile.
        if (this.#looksAhead()) next = reportedLater(present.then(follow, follow));
        await this.#detectImage(image, names[index] ?? image, present);
        if (!this.#looksAhead()) next = reportedLater(follow());
      }
      if (!quiet && repeat === 1) this.#terminal.out(this.#throughput.report());
      await this.#writeTogether();
      this.#measure();
    } finally {
      this.#progress.end();
    }
    if (this.#interrupted.aborted) return exitCodes.interrupted;
    return this.#failed ? exitCodes.failed : exitCodes.done;
  }

  #cancelRuns(): void {
    // A run may have just ended by itself, which is as good.
    for (const runId of this.#runIds) this.#host.call("runs.cancel", { runId }).catch(() => {});
  }

  /**
   * Whether the next image may be queued ahead: not beside measured runs, nor with focus mode, which needs the run
   * before.
   */
  #looksAhead(): boolean {
    const { repeat, profileOps, overrides } = this.#options;
    return repeat === 1 && !profileOps && overrides.focus !== true && overrides.prefetch !== false;
  }

  /**
   * Stores an image and, unless it is repeated, queues its run. undefined after the last image and when interrupted.
   */
  async #begin(index: number): Promise<Begun | undefined> {
    const { images, repeat, scale } = this.#options;
    const file = images[index];
    if (file === undefined || this.#interrupted.aborted) return undefined;
    const added = await this.#host.call("images.addPath", { path: path.resolve(file) });
    const image = scale === undefined ? added : await this.#host.call("images.setScale", { id: added.id, scale });
    if (repeat > 1 || this.#interrupted.aborted) return { image };
    return { image, first: await this.#start(this.#request(image.id, { group: "", index: 0, of: 1 })) };
  }

  /** Runs everything for one image. Errors are printed and remembered; the next image follows anyway. */
  async #detectImage(file: string, name: string, present: Promise<Begun | undefined>) {
    const { images, quiet } = this.#options;
    try {
      this.#progress.start(name);
      const begun = await present;
      const runs = begun === undefined ? [] : await this.#repeat(begun, name);
      this.#progress.clear();
      const last = runs.at(-1);
      if (!last) return;
      if (!quiet) this.#terminal.out(runReport(this.#terminal, runs));
      await this.#writeOverlay(last, name);
      if (!quiet) this.#terminal.out("\n");
    } catch (error) {
      this.#failed = true;
      this.#progress.clear();
      printError(this.#terminal, HoloscopeError.from(error).toInfo(), images.length > 1 ? file : undefined);
    }
  }

  /** The finished runs. Throws the error of the first that failed; stops where the user interrupts. */
  async #repeat({ image, first }: Begun, name: string): Promise<AnsweredRun[]> {
    const { repeat } = this.#options;
    const group = randomUUID();
    const runs: AnsweredRun[] = [];
    for (let index = 0; index < repeat && !this.#interrupted.aborted; index++) {
      if (repeat > 1) this.#progress.start(`${name} ${index + 1}/${repeat}`);
      const { done } = first ?? (await this.#start(this.#request(image.id, { group, index, of: repeat })));
      // A stored run that answers may have been made before the scale was set.
      const run = { ...(await done), image };
      this.#runs.push(run);
      await this.#writeAlone(run, name, { index, of: repeat });
      if (run.status === "done") {
        runs.push(run);
        continue;
      }
      if (this.#interrupted.aborted) break;
      throw run.error ? HoloscopeError.fromInfo(run.error) : new HoloscopeError("CANCELLED", "The run was cancelled.");
    }
    return runs;
  }

  async #start(request: DetectRequestInput): Promise<NonNullable<Begun["first"]>> {
    const { runId, done } = await this.#host.detect(request);
    this.#runIds.add(runId);
    if (this.#interrupted.aborted) this.#cancelRuns();
    const ended = done.then((run) => {
      this.#runIds.delete(runId);
      this.#throughput.add(run);
      return run;
    });
    return { done: ended };
  }

  #request(imageId: string, series: Repeat): DetectRequestInput {
    const { mode, target, profile, backend, overrides, useCache, profileOps } = this.#options;
    return {
      imageId,
      mode,
      overrides,
      ...defined({
        repeat: series.of > 1 ? series : undefined,
        // Only the last run is reported, so only it times operators.
        profileOps: profileOps && series.index === series.of - 1 ? profileOps : undefined,
        useCache: useCache ? useCache : undefined,
        target,
        modelId: this.#modelId,
        engines: this.#engines,
        profile,
        backend,
      }),
    };
  }

  async #writeOverlay(run: RunRecord, name: string): Promise<void> {
    const { overlay, quiet } = this.#options;
    if (!overlay) return;
    const { png } = await this.#host.call("images.overlay", { image: run.image, elements: run.detections });
    const file = overlayFile(overlay, name);
    const written = await this.#write(file, Buffer.from(png, "base64"), `the overlay ${file}`);
    if (written && !quiet) this.#terminal.out(`overlay: ${file}\n`);
  }

  /** Truth that cannot be used is a failure: a script would take the missing figures for good ones. */
  #measure(): void {
    if (this.#truth?.report(this.#terminal, this.#runs, this.#options.quiet) === false) this.#failed = true;
  }

  /** A run's own file, at once, so that what happens later cannot lose it. */
  async #writeAlone(run: AnsweredRun, name: string, place: Pick<Repeat, "index" | "of">): Promise<void> {
    const { json } = this.#options;
    if (json?.kind !== "folder") return;
    const file = runFile(json.folder, name, place);
    await this.#write(file, jsonText(run), `the run ${file}`);
  }

  /** All runs in one file or on standard output. */
  async #writeTogether(): Promise<void> {
    const { images, repeat, json } = this.#options;
    if (!json || json.kind === "folder" || this.#runs.length === 0) return;
    const text = jsonText(images.length * repeat === 1 ? this.#runs[0] : this.#runs);
    if (json.kind === "stdout") this.#terminal.out(text);
    else await this.#write(json.file, text, `the runs ${json.file}`);
  }

  /** False if the file cannot be written: that is printed and remembered, and the next image follows anyway. */
  async #write(file: string, data: string | Uint8Array, what: string): Promise<boolean> {
    try {
      await writeOutputFile(path.resolve(file), data, what);
      return true;
    } catch (error) {
      this.#failed = true;
      this.#progress.clear();
      printError(this.#terminal, HoloscopeError.from(error).toInfo());
      return false;
    }
  }
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

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
  const options = parseDetectOptions(raw, images);
  const truth = await MeasuredTruth.read(raw, images);
  return withInterruptibleHost(environment, (host, interrupted) =>
    new DetectJob(environment.terminal, host, interrupted, options, truth).run(),
  );
}
