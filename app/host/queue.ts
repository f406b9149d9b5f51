import { cancelledError } from "./abortable.ts";

/** A task handles its own errors: `run` must not reject. */
interface QueueTask {
  readonly id: string;
  /** Starts when all earlier tasks have ended. The signal fires when the task is cancelled while it runs. */
  run(signal: AbortSignal): Promise<void>;
  /** Called instead of `run` when the task is cancelled before its turn. */
  dropped(): Promise<void>;
  /** Called with the number of tasks before this one, whenever that changes. */
  moved?(position: number): void;
}

interface RunningTask {
  readonly task: QueueTask;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Runs one task at a time, in the order they were added. */
export class TaskQueue {
  readonly #waiting: QueueTask[] = [];
  readonly #onChange: () => void;
  #running: RunningTask | undefined;
  readonly #dropping = new Set<Promise<void>>();

  /** `onChange` is called when the number of waiting tasks changes. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Number of waiting tasks, without the running one. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The task whose turn is next. */
  get next(): QueueTask | undefined {
    return this.#waiting[0];
  }

  get idle(): boolean {
    return this.#running === undefined && this.#waiting.length === 0;
  }

  add(task: QueueTask): void {
    this.#waiting.push(task);
    task.moved?.(this.#waiting.length - 1 + (this.#running === undefined ? 0 : 1));
    if (this.#running === undefined) this.#next();
    else this.#onChange();
  }

  /** False if no task with this id is waiting or running. */
  cancel(id: string): boolean {
    if (this.#running?.task.id === id) {
      this.#running.abort.abort();
      return true;
    }
    const index = this.#waiting.findIndex((task) => task.id === id);
    const [task] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (task === undefined) return false;
    this.#drop(task);
    for (const [behind, other] of this.#waiting.entries()) if (behind >= index) other.moved?.(behind + 1);
    this.#onChange();
    return true;
  }

  /** Cancels everything; resolves when the running task has ended and every dropped task was notified. */
  async clear(): Promise<void> {
    for (const task of this.#waiting.splice(0)) this.#drop(task);
    this.#running?.abort.abort();
    await Promise.all([this.#running?.ended, ...this.#dropping]);
  }

  #drop(task: QueueTask): void {
    const told = task.dropped().catch(() => {});
    this.#dropping.add(told);
    void told.then(() => this.#dropping.delete(told));
  }

  #next(): void {
    const task = this.#waiting.shift();
    this.#running = task === undefined ? undefined : this.#start(task);
    for (const [behind, other] of this.#waiting.entries()) other.moved?.(behind + 1);
    this.#onChange();
  }

  #start(task: QueueTask): RunningTask {
    const abort = new AbortController();
    const ended = task
      .run(abort.signal)
      .catch(() => {})
      .then(() => this.#next());
    return { task, abort, ended };
  }
}

/** Queues work whose result the caller waits for. Rejects with CANCELLED if it is cancelled before its turn. */
export function enqueue<T>(queue: TaskQueue, id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    queue.add({
      id,
      run: (signal) => work(signal).then(resolve, reject),
      dropped: async () => reject(cancelledError("It was cancelled before it began.")),
    });
  });
}
