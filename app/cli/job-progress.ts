import { HoloscopeError, type ModelJob } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { Environment } from "./environment.ts";
import { formatBytes, formatDuration } from "./numbers.ts";
import { oneLine, type Terminal } from "./terminal.ts";

const stateTexts: Readonly<Record<ModelJob["state"], string>> = {
  waiting: "waiting for another job",
  running: "",
  retrying: "connection lost, trying again",
  verifying: "verifying",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};

const verbs: Readonly<Record<ModelJob["kind"], string>> = {
  pull: "downloading",
  import: "copying",
  convert: "converting",
};

/**
 * Starts a job and follows it until it ends: on a terminal one line that is overwritten, elsewhere a line for each step.
 * Ctrl-C cancels it. Resolves with the finished job; throws its error, CANCELLED included.
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
    if (job.state === "done" || job.state === "failed" || job.state === "cancelled") finish(job);
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
  #step = "";
  #notes = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(job: ModelJob): void {
    this.#showNotes(job);
    const doing = stateTexts[job.state] || verbs[job.kind];
    const subject = job.file ?? job.title;
    if (!this.#terminal.live) {
      const step = `${oneLine(`${doing} ${subject}`)}`;
      if (step !== this.#step && job.bytesTotal > 0) this.#terminal.err(`${step} (${formatBytes(job.bytesTotal)})\n`);
      if (job.bytesTotal > 0) this.#step = step;
      return;
    }
    const line = oneLine([`${doing} ${subject}`, ...figures(job)].join(", "));
    this.#terminal.err(`\r\u001b[K${[...line].slice(0, Math.min(this.#terminal.width, 120) - 1).join("")}`);
  }

  clear(): void {
    if (this.#terminal.live) this.#terminal.err("\r\u001b[K");
  }

  #showNotes({ notes }: ModelJob): void {
    for (const note of notes.slice(this.#notes)) {
      this.clear();
      this.#terminal.err(`note: ${oneLine(note)}\n`);
    }
    this.#notes = Math.max(this.#notes, notes.length);
  }
}

function figures({ bytesDone, bytesTotal, bytesPerSecond, secondsLeft }: ModelJob): string[] {
  if (bytesTotal === 0) return [];
  const share = `${Math.floor((100 * bytesDone) / bytesTotal)} % of ${formatBytes(bytesTotal)}`;
  if (bytesPerSecond === undefined || secondsLeft === undefined) return [share];
  return [share, `${formatBytes(Math.round(bytesPerSecond))}/s`, `${formatDuration(secondsLeft)} left`];
}
