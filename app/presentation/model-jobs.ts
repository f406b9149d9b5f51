import type { ModelJob } from "../contract/index.ts";
import { formatBytes, formatDuration, formatShare } from "./numbers.ts";

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
