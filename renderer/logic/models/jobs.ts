import {
  type ErrorInfo,
  jobHasEnded,
  type ModelJob,
  type PullRequest,
  type UnfinishedPull,
} from "../../../app/contract/index.ts";

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
