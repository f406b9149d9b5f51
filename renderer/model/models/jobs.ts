import {
  type ErrorInfo,
  jobHasEnded,
  type ModelJob,
  type PullRequest,
  type UnfinishedPull,
} from "../../../app/contract/index.ts";
import { formatBytes, formatDuration, formatShare } from "../format.ts";

/** The list with a job in its newest state; new jobs come last. */
export function withJob(jobs: readonly ModelJob[], job: ModelJob): readonly ModelJob[] {
  return jobs.some(({ id }) => id === job.id) ? jobs.map((each) => (each.id === job.id ? job : each)) : [...jobs, job];
}

/** The title that the host gives the job of such a request. */
export function pullTitle({ reference, model }: PullRequest): string {
  const repository = reference.replace(/^hf:/, "").split(":")[0];
  return `${repository}: ${model.split("/").at(-1)}`;
}

export interface PausedPull {
  readonly pull: UnfinishedPull;
  /** Why it stopped, if it did so while the application ran. */
  readonly error: ErrorInfo | undefined;
}

export interface JobGroups {
  readonly running: readonly ModelJob[];
  /** Downloads that can go on where they stopped. */
  readonly paused: readonly PausedPull[];
  /** Done or failed, newest first; of several attempts the last. */
  readonly ended: readonly ModelJob[];
}

/** Sorts jobs into what runs, what can go on and what ended. A download is in one group only. */
export function groupJobs(
  jobs: readonly ModelJob[],
  unfinished: readonly UnfinishedPull[],
  hidden: readonly string[],
): JobGroups {
  const running = jobs.filter((job) => !jobHasEnded(job));
  const busy = new Set(running.map(({ title }) => title));
  const waiting = unfinished.filter(({ request }) => !busy.has(pullTitle(request)));
  const taken = new Set([...busy, ...waiting.map(({ request }) => pullTitle(request))]);
  const latest = new Map(jobs.filter(jobHasEnded).map((job) => [`${job.kind} ${job.title}`, job]));
  const ended = [...latest.values()]
    .filter(({ id, state, title }) => state !== "cancelled" && !taken.has(title) && !hidden.includes(id))
    .reverse();
  const paused = waiting.map((pull) => ({ pull, error: latest.get(`pull ${pullTitle(pull.request)}`) }));
  return {
    running,
    paused: paused.map(({ pull, error: job }) => ({
      pull,
      error: job?.state === "failed" ? job.error : undefined,
    })),
    ended,
  };
}

const verbs: Readonly<Record<ModelJob["kind"], { readonly now: string; readonly done: string }>> = {
  pull: { now: "Downloading", done: "Downloaded" },
  import: { now: "Copying", done: "Imported" },
  convert: { now: "Converting", done: "Converted" },
};

/** What a job does or did: "Downloading", "Checking". */
export function jobVerb({ kind, state }: ModelJob): string {
  switch (state) {
    case "waiting":
      return "Waiting for another job";
    case "retrying":
      return "Connection lost, trying again";
    case "verifying":
      return "Checking";
    case "done":
      return verbs[kind].done;
    case "failed":
      return "Failed";
    case "cancelled":
      return "Cancelled";
    case "running":
      return verbs[kind].now;
  }
}

/** Share that is done, 0..1; undefined while the host has not told how much there is. */
export function jobFraction({ bytesDone, bytesTotal }: ModelJob): number | undefined {
  return bytesTotal === 0 ? undefined : Math.min(1, bytesDone / bytesTotal);
}

/** "1.2 GB of 4.7 GB (25.5 %), 12.0 MB/s, 5 min left". Empty while nothing is known. */
export function jobFigures(job: ModelJob): string {
  const fraction = jobFraction(job);
  if (fraction === undefined) return "";
  const parts = [`${formatBytes(job.bytesDone)} of ${formatBytes(job.bytesTotal)} (${formatShare(fraction)})`];
  if (job.state === "running" || job.state === "verifying") {
    if (job.bytesPerSecond !== undefined) parts.push(`${formatBytes(Math.round(job.bytesPerSecond))}/s`);
    if (job.secondsLeft !== undefined) parts.push(`${formatDuration(job.secondsLeft * 1000)} left`);
  }
  return parts.join(", ");
}
