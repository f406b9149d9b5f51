import { randomUUID } from "node:crypto";
import path from "node:path";
import {
  type AnsweredRun,
  type DetectRequestInput,
  HoloscopeError,
  type ImageRef,
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

/** One `detect` command while it runs. */
class DetectJob {
  readonly #runs: NamedRun[] = [];
  readonly #json: JsonTarget | undefined;
  readonly #overlay: OverlayTarget | undefined;
  readonly #quiet: boolean;
  #host: Host | undefined;
  #runId: string | undefined;
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
      const modelId = await chooseModel(host, this.options.model);
      const names = outputNames(this.images);
      for (const [index, image] of this.images.entries()) {
        if (this.#interrupted) break;
        await this.#detectImage(host, progress, image, names[index] ?? image, modelId);
      }
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
    const [host, runId] = [this.#host, this.#runId];
    // The run may end by itself in this very moment; it is over either way.
    if (host && runId !== undefined) host.call("runs.cancel", { runId }).catch(() => {});
  }

  /** All runs of one image. Its errors are printed and remembered; the next image goes on. */
  async #detectImage(host: Host, progress: Progress, file: string, name: string, modelId: string | undefined) {
    const { terminal } = this.environment;
    try {
      const image = await host.call("images.addPath", { path: path.resolve(file) });
      const runs = await this.#repeat(host, progress, image, name, modelId);
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
  async #repeat(
    host: Host,
    progress: Progress,
    image: ImageRef,
    name: string,
    modelId: string | undefined,
  ): Promise<AnsweredRun[]> {
    const { repeat, profileOps } = this.options;
    const group = randomUUID();
    const runs: AnsweredRun[] = [];
    for (let index = 0; index < repeat && !this.#interrupted; index++) {
      progress.start(repeat > 1 ? `${name} ${index + 1}/${repeat}` : name);
      const plain = this.#request(image.id, modelId);
      // The report is about the last run, so only that one is profiled.
      const request = profileOps && index === repeat - 1 ? { ...plain, profileOps } : plain;
      const run = await this.#runOnce(
        host,
        repeat > 1 ? { ...request, repeat: { group, index, of: repeat } } : request,
      );
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

  async #runOnce(host: Host, request: DetectRequestInput): Promise<AnsweredRun> {
    const { runId, done } = await host.detect(request);
    this.#runId = runId;
    if (this.#interrupted) this.#interrupt();
    return done.finally(() => {
      this.#runId = undefined;
    });
  }

  #request(imageId: string, modelId: string | undefined): DetectRequestInput {
    const { mode, target, profile, backend, overrides, useCache } = this.options;
    return {
      imageId,
      mode,
      overrides,
      ...(useCache ? { useCache } : {}),
      ...(target === undefined ? {} : { target }),
      ...(modelId === undefined ? {} : { modelId }),
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

/** Detects in every image and prints, draws and writes what is asked for. Resolves with the exit code. */
export async function detect(
  environment: Environment,
  images: readonly string[],
  raw: RawDetectOptions,
): Promise<number> {
  return new DetectJob(environment, images, parseDetectOptions(raw), raw).run();
}
