import { type HoloscopeError, localEngineId } from "../../contract/index.ts";
import { cancelledError } from "../abortable.ts";

/** Work that one of several engines does, whichever is free first. */
export interface PoolTask {
  readonly id: string;
  /** Engines that may do it, by id, the preferred one first. */
  readonly engines: readonly string[];
  /**
   * Does the work with an engine. The signal fires when the task is cancelled meanwhile. Rejecting with an error that has
   * `retry` is the engine's failure, and the work is done again, by another engine if one may; any other rejection ends
   * the task.
   */
  run(signal: AbortSignal, engineId: string): Promise<void>;
  /** Called when `run` has rejected and is not called again. */
  givenUp?(error: HoloscopeError): Promise<void>;
  /** Called when the task is cancelled while it waits. */
  dropped(): Promise<void>;
  /** Called with the number of tasks that must end before its turn comes, whenever that changes. */
  moved?(position: number): void;
}

/** The part of the pool that takes tasks in. */
export interface TaskTaker {
  add(task: PoolTask): void;
}

/** Queues work of this machine's engine whose result the caller waits for. Rejects with CANCELLED if it is cancelled before its turn. */
export function enqueue<T>(pool: TaskTaker, id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    pool.add({
      id,
      engines: [localEngineId],
      run: (signal) => work(signal).then(resolve, reject),
      dropped: async () => reject(cancelledError("It was cancelled before it began.")),
    });
  });
}
