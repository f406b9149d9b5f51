import type { EngineReply } from "../contract/engine.ts";
import { cancelledError } from "./abortable.ts";
import type { EngineEvent, EngineRequestBody } from "./engine-process.ts";
import type { EngineSupervisor, RunningEngine } from "./engine-supervisor.ts";
import type { HostTimings } from "./timings.ts";

export interface EngineWorkOptions {
  readonly supervisor: EngineSupervisor;
  readonly timings: Pick<HostTimings, "runSilence" | "cancelGrace">;
  readonly id: string;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: EngineEvent) => void;
}

/**
 * Sends one heavy request (load, detect) to a ready engine, keeps the supervisor's state up to date meanwhile, and
 * passes a cancellation on. An engine that does not end a cancelled request in time is killed.
 * Rejects with what the engine answered, CANCELLED, ENGINE_CRASHED or ENGINE_TIMEOUT.
 */
export async function doEngineWork<K extends EngineReply["kind"]>(
  engine: RunningEngine,
  body: EngineRequestBody,
  kind: K,
  { supervisor, timings, id, signal, onEvent }: EngineWorkOptions,
): Promise<Extract<EngineReply, { kind: K }>> {
  if (signal.aborted) throw cancelledError();
  let grace: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    engine.process.cancel(id);
    grace = setTimeout(() => void engine.process.stop(cancelledError()), timings.cancelGrace);
  };
  signal.addEventListener("abort", cancel, { once: true });
  supervisor.setActivity("busy");
  try {
    return await engine.process.request(body, kind, {
      id,
      silenceMs: timings.runSilence,
      onEvent: (event) => {
        if (event.type === "progress" && event.phase === "loading") supervisor.setLoading();
        else supervisor.setActivity("busy");
        onEvent?.(event);
      },
    });
  } finally {
    clearTimeout(grace);
    signal.removeEventListener("abort", cancel);
    supervisor.setActivity("idle");
  }
}
