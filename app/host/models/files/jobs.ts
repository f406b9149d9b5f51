import { randomUUID } from "node:crypto";
import { defined, HoloscopeError, jobHasEnded, type ModelJob } from "../../../contract/index.ts";
import { cancelledError } from "../../abortable.ts";
import type { LogLevel } from "../../log.ts";
import { Speed } from "./speed.ts";

/** How a job's work reports its progress. */
export interface JobReporter {
  readonly signal: AbortSignal;
  /** Begins a step: its state, the file it works on and its bytes in all. Resets the progress. */
  step(step: {
    readonly state: "waiting" | "running" | "verifying";
    readonly file?: string;
    readonly bytesTotal: number;
    readonly bytesDone?: number;
  }): void;
  /** Bytes of the step that are done. */
  progress(bytesDone: number): void;
  /** The connection was lost and is being tried again, until the next progress. */
  retrying(reason: string): void;
  resumed(bytes: number): void;
  note(text: string): void;
}

export type JobResult = Pick<ModelJob, "entry" | "conversion">;

interface JobBoardConfig {
  readonly onChange: (job: ModelJob) => void;
  readonly log: (level: LogLevel, text: string) => void;
}

/** Least ms between two events of a job that only report progress. */
const eventGapMs = 200;
/** Ended jobs that are remembered. */
const maxEnded = 50;

interface Entry {
  job: ModelJob;
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** Requests with the same key share one job. */
  readonly key: string;
}

/** The long jobs on model files: starts, lists, announces and cancels them. */
export class JobBoard {
  readonly #config: JobBoardConfig;
  readonly #entries = new Map<string, Entry>();

  constructor(config: JobBoardConfig) {
    this.#config = config;
  }

  get running(): boolean {
    return [...this.#entries.values()].some(({ job }) => !jobHasEnded(job));
  }

  list(): ModelJob[] {
    return [...this.#entries.values()].map(({ job }) => job);
  }

  /**
   * Starts a job, or answers with the running one of the same kind and key. `work` reports its steps and resolves with
   * the result; a rejection ends the job as failed, or as cancelled if that was asked for.
   */
  start(
    kind: ModelJob["kind"],
    key: string,
    title: string,
    work: (reporter: JobReporter) => Promise<JobResult>,
  ): string {
    const wholeKey = `${kind} ${key}`;
    for (const [id, { key: other, job }] of this.#entries) if (other === wholeKey && !jobHasEnded(job)) return id;
    const id = randomUUID();
    const abort = new AbortController();
    const speed = new Speed();
    let lastEvent = 0;
    const change = (patch: Partial<ModelJob>, always = true): void => {
      entry.job = { ...entry.job, ...patch };
      const now = performance.now();
      if (!always && now - lastEvent < eventGapMs) return;
      lastEvent = now;
      this.#config.onChange(entry.job);
    };
    const reporter: JobReporter = {
      signal: abort.signal,
      step: ({ state, file, bytesTotal, bytesDone = 0 }) => {
        speed.restart(bytesDone);
        const { bytesPerSecond: _speed, secondsLeft: _left, ...rest } = entry.job;
        entry.job = rest;
        change({ state, bytesTotal, bytesDone, ...defined({ file }) });
      },
      progress: (bytesDone) => {
        const { bytesTotal, state } = entry.job;
        const back = state === "retrying";
        const bytesPerSecond = speed.at(bytesDone);
        const left = Math.max(0, bytesTotal - bytesDone);
        const secondsLeft = bytesPerSecond === undefined ? undefined : left / Math.max(bytesPerSecond, 1);
        const newState = back ? ("running" as const) : undefined;
        change({ bytesDone, ...defined({ bytesPerSecond, secondsLeft, state: newState }) }, back);
      },
      retrying: (reason) => change({ state: "retrying", notes: withNote(entry.job.notes, reason) }),
      resumed: (bytes) => change({ resumedBytes: bytes }),
      note: (text) => change({ notes: withNote(entry.job.notes, text) }),
    };
    const run = async (): Promise<void> => {
      // The caller learns the id before the first event.
      await Promise.resolve();
      this.#config.onChange(entry.job);
      try {
        const result = await work(reporter);
        change({ state: "done", bytesDone: entry.job.bytesTotal, secondsLeft: 0, ...result });
      } catch (error) {
        const known = abort.signal.aborted ? cancelledError("The job was cancelled.") : HoloscopeError.from(error);
        const cancelled = known.code === "CANCELLED";
        if (!cancelled) this.#config.log("error", `${kind} of ${title} failed: ${known.code}: ${known.message}`);
        change({ state: cancelled ? "cancelled" : "failed", error: known.toInfo() });
      }
      this.#forgetOld();
    };
    const job: ModelJob = { id, kind, title, state: "running", bytesDone: 0, bytesTotal: 0, notes: [] };
    let begin: () => void = () => {};
    const entry: Entry = {
      job,
      abort,
      key: wholeKey,
      done: new Promise<void>((resolve) => {
        begin = () => void run().finally(resolve);
      }),
    };
    this.#entries.set(id, entry);
    begin();
    return id;
  }

  /** False if there is no such job or it has ended. Resolves when it has ended. */
  async cancel(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined || jobHasEnded(entry.job)) return false;
    entry.abort.abort();
    await entry.done;
    return entry.job.state === "cancelled";
  }

  /** Cancels everything and waits for it. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((id) => this.cancel(id)));
  }

  #forgetOld(): void {
    const ended = [...this.#entries].filter(([, { job }]) => jobHasEnded(job));
    for (const [id] of ended.slice(0, Math.max(0, ended.length - maxEnded))) this.#entries.delete(id);
  }
}

/** The number of notes is limited: a download may be retried many times. */
function withNote(notes: readonly string[], text: string): string[] {
  return [...notes.filter((note) => note !== text), text].slice(-20);
}
