import { HoloscopeError, type RunRecord } from "../../../app/contract/index.ts";
import { emptyBatch, outcomeOf, withItem, withoutWaiting } from "../../logic/batch/batch.ts";
import { addImageFile } from "../add-image-file.ts";
import { detectRequestNow } from "../detect-request.ts";
import { HostCommands, type Reach } from "../host-commands.ts";
import { requestBlocker } from "../selectors.ts";
import type { RunFilesCommands } from "./run-files.ts";
import { truthTab } from "./truth.ts";

/** ms after which the host is asked about a run of which no event came, such as after a lost connection. */
const lookEvery = 5_000;

/** Many files, one after the other. A file that fails does not stop the rest. */
export class BatchCommands extends HostCommands {
  readonly #files = new Map<string, File>();
  #count = 0;
  #running = false;

  readonly #runFiles: RunFilesCommands;

  constructor(reach: Reach, runFiles: RunFilesCommands) {
    super(reach);
    this.#runFiles = runFiles;
  }

  /** Adds files to the batch, shows it and starts; a batch that has ended makes room for the new one. */
  async start(files: readonly File[], folder?: string): Promise<void> {
    if (this.state.batch.phase === "ended") this.clear();
    const items = files.map((file) => {
      this.#count += 1;
      const id = `file-${this.#count}`;
      this.#files.set(id, file);
      return { id, name: file.webkitRelativePath || file.name, status: "waiting" as const };
    });
    this.change("batch", (batch) => ({ ...batch, folder, items: [...batch.items, ...items] }));
    this.patch("screen", { current: "batch" });
    await this.resume();
  }

  /** Lets the file at work finish and begins no other. */
  pause(): void {
    if (this.state.batch.phase === "running") this.patch("batch", { phase: "pausing" });
  }

  /** Works through the files that wait. Resolves when all is done, paused or cancelled. */
  async resume(): Promise<void> {
    this.patch("batch", { phase: "running" });
    if (this.#running) return;
    this.#running = true;
    try {
      await this.#work();
    } finally {
      this.#running = false;
    }
  }

  /** Ends the file at work and all that wait. */
  async cancel(): Promise<void> {
    this.change("batch", withoutWaiting);
    const { items, phase } = this.state.batch;
    if (phase === "paused") this.patch("batch", { phase: "ended" });
    const runId = items.find(({ status }) => status === "running")?.runId;
    if (runId !== undefined) await this.attempt("Cancel", () => this.client.call("runs.cancel", { runId }));
  }

  /** Tries the files again that failed or were cancelled. */
  async retry(): Promise<void> {
    this.change("batch", (batch) => ({
      ...batch,
      items: batch.items.map(({ id, name, status, ...rest }) =>
        status === "failed" || status === "cancelled" ? { id, name, status: "waiting" } : { id, name, status, ...rest },
      ),
    }));
    await this.resume();
  }

  /** Opens every finished file with its run, so that ground truth is given to all of them and measured over the folder. */
  async measure(): Promise<void> {
    const { items } = this.state.batch;
    const runIds = items.flatMap(({ status, runId }) => (status === "done" && runId !== undefined ? [runId] : []));
    for (const runId of runIds.reverse()) await this.#runFiles.open(runId);
    this.window.remember({ sideTab: truthTab });
  }

  /** Forgets the batch; its runs stay in the library. */
  clear(): void {
    this.#files.clear();
    this.patch("batch", emptyBatch);
  }

  async #work(): Promise<void> {
    for (;;) {
      const { phase, items } = this.state.batch;
      const next = items.find(({ status }) => status === "waiting");
      if (next === undefined) {
        if (phase !== "empty") this.patch("batch", { phase: "ended" });
        return;
      }
      if (phase === "pausing") {
        this.patch("batch", { phase: "paused" });
        return;
      }
      await this.#detect(next.id);
    }
  }

  async #detect(id: string): Promise<void> {
    const started = performance.now();
    this.#change(id, { status: "running" });
    try {
      const file = this.#files.get(id);
      if (file === undefined) throw new HoloscopeError("FILE_MISSING", "The file is no longer there.", "Add it again.");
      const image = await addImageFile(this.client, file);
      this.#change(id, { image });
      const run = await this.#finished(id, image.id);
      this.#change(id, { ...outcomeOf(run), wallMs: performance.now() - started });
    } catch (error) {
      this.#change(id, {
        status: "failed",
        error: HoloscopeError.from(error).toInfo(),
        wallMs: performance.now() - started,
      });
    }
  }

  /** Starts a run and waits for its record. Rejects if it cannot start or is lost. */
  async #finished(id: string, imageId: string): Promise<RunRecord> {
    const state = this.state;
    const request = detectRequestNow(state, imageId);
    if (request === undefined) {
      throw new HoloscopeError(
        "BAD_REQUEST",
        requestBlocker(state) ?? "Holoscope is still starting.",
        "Then try again.",
      );
    }
    // Listens before the run is started: a run on a reused image may end before the answer to the call comes.
    const ended = new Map<string, RunRecord>();
    let heard: (() => void) | undefined;
    const stop = this.client.on("run.finished", ({ run }) => {
      ended.set(run.id, run);
      heard?.();
    });
    try {
      const { runId } = await this.client.call("runs.start", request);
      this.#change(id, { runId });
      for (;;) {
        const run =
          ended.get(runId) ??
          (await this.#lookFor(runId, (wake) => {
            heard = wake;
          }));
        if (run !== undefined) return run;
      }
    } finally {
      stop();
    }
  }

  /** Waits for an event, at most for a while; then asks the host. Rejects when the host knows nothing of the run. */
  async #lookFor(runId: string, onWake: (wake: () => void) => void): Promise<RunRecord | undefined> {
    const woken = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), lookEvery);
      onWake(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    if (woken) return undefined;
    try {
      return await this.client.call("runs.get", { runId });
    } catch (error) {
      const engine = await this.client.call("engine.state", {});
      const works = engine.state === "busy" || engine.state === "loading" || engine.state === "starting";
      if (works || engine.queued > 0) return undefined;
      throw error;
    }
  }

  #change(id: string, change: Parameters<typeof withItem>[2]): void {
    this.change("batch", (batch) => withItem(batch, id, change));
  }
}
