import { type AnsweredRun, type DetectRequestInput, HoloscopeError } from "../contract/index.ts";
import type { Host } from "./types.ts";

interface RunOptions {
  /** Whether the run is kept, as its image is. */
  readonly keep: boolean;
  /** Fires when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
  /** Told the id under which the run's events come, if any do. */
  readonly onBegun?: (runId: string) => void;
}

/** Runs one detection; if `gone` fires first, cancels it. Throws the run's error, if it has one. */
export async function runDetection(
  host: Host,
  request: DetectRequestInput,
  { keep, gone, onBegun }: RunOptions,
): Promise<AnsweredRun> {
  gone.throwIfAborted();
  const { runId, done } = await host.detect(request, { keep });
  onBegun?.(runId);
  const cancel = () => {
    // If the run has just ended, nobody waits for the answer anyway.
    host.call("runs.cancel", { runId }).catch(() => {});
  };
  gone.addEventListener("abort", cancel, { once: true });
  if (gone.aborted) cancel();
  const run = await done.finally(() => gone.removeEventListener("abort", cancel));
  if (run.status === "done") return run;
  throw run.error
    ? HoloscopeError.fromInfo(run.error)
    : new HoloscopeError("INTERNAL", `The run ended as "${run.status}" without a reason.`);
}
