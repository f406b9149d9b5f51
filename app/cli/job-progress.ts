import { HoloscopeError, jobHasEnded, type ModelJob } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { jobFigures, jobVerb } from "../presentation/model-jobs.ts";
import { formatBytes } from "../presentation/numbers.ts";
import type { Environment } from "./environment.ts";
import { LiveLine, oneLine, type Terminal } from "./terminal.ts";

/**
 * Starts a job and follows it until it ends: on a terminal with one line that is overwritten, elsewhere with a line for
 * each step. Ctrl-C cancels it. Resolves with the finished job; throws its error, CANCELLED included.
 */
export async function followJob(
  { terminal, onInterrupt }: Pick<Environment, "terminal" | "onInterrupt">,
  host: Host,
  start: () => Promise<{ jobId: string }>,
): Promise<ModelJob> {
  const view = new JobView(terminal);
  const seen = new Map<string, ModelJob>();
  let id: string | undefined;
  let finish: (job: ModelJob) => void = () => {};
  const finished = new Promise<ModelJob>((resolve) => {
    finish = resolve;
  });
  const follow = (job: ModelJob): void => {
    seen.set(job.id, job);
    if (job.id !== id) return;
    view.show(job);
    if (jobHasEnded(job)) finish(job);
  };
  const stop = host.on("models.job", follow);
  let stopListening = (): void => {};
  try {
    const { jobId } = await start();
    id = jobId;
    stopListening = onInterrupt(() => void host.call("models.jobs.cancel", { jobId }));
    // The job may have ended before its id was known here.
    const early = seen.get(jobId);
    if (early !== undefined) follow(early);
    const job = await finished;
    view.clear();
    if (job.state === "done") return job;
    throw job.error === undefined
      ? new HoloscopeError("INTERNAL", "The job failed.")
      : HoloscopeError.fromInfo(job.error);
  } finally {
    stop();
    stopListening();
    view.clear();
  }
}

class JobView {
  readonly #terminal: Terminal;
  readonly #line: LiveLine;
  #step = "";
  #notes = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#line = new LiveLine(terminal);
  }

  show(job: ModelJob): void {
    this.#showNotes(job);
    const step = oneLine(`${jobVerb(job)} ${job.file ?? job.title}`);
    if (!this.#terminal.live) {
      if (step !== this.#step && job.bytesTotal > 0) this.#terminal.err(`${step} (${formatBytes(job.bytesTotal)})\n`);
      if (job.bytesTotal > 0) this.#step = step;
      return;
    }
    this.#line.show([step, jobFigures(job)].filter((text) => text !== "").join(", "));
  }

  clear(): void {
    this.#line.clear();
  }

  #showNotes({ notes }: ModelJob): void {
    for (const note of notes.slice(this.#notes)) {
      this.clear();
      this.#terminal.err(`note: ${oneLine(note)}\n`);
    }
    this.#notes = Math.max(this.#notes, notes.length);
  }
}
