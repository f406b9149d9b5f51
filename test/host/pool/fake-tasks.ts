import { HoloscopeError, type Retry } from "../../../app/contract/index.ts";
import type { PoolTask } from "../../../app/host/pool/task.ts";
import { settled } from "./fake-clock.ts";

/** What a server that is gone or busy makes of a request. */
export const passing = (retry: Retry = {}): HoloscopeError =>
  new HoloscopeError("ENDPOINT_BUSY", "Not now.", undefined, undefined, retry);

/** A task whose attempts the test ends, and which writes down what happens to it. */
export class FakeTask implements PoolTask {
  readonly id: string;
  readonly engines: readonly string[];
  /** "run a" for each attempt, then "done", "given up CODE" or "dropped". */
  readonly log: string[] = [];
  readonly positions: number[] = [];
  signal: AbortSignal | undefined;
  #end: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(id: string, engines: readonly string[]) {
    this.id = id;
    this.engines = engines;
  }

  /** The engine that has it now. */
  get on(): string | undefined {
    return this.#end === undefined ? undefined : this.log.at(-1)?.slice("run ".length);
  }

  run(signal: AbortSignal, engineId: string): Promise<void> {
    this.log.push(`run ${engineId}`);
    this.signal = signal;
    return new Promise<void>((resolve, reject) => {
      this.#end = { resolve, reject };
      signal.addEventListener("abort", () => this.#reject(new HoloscopeError("CANCELLED", "Cancelled.")));
    });
  }

  async givenUp({ code }: HoloscopeError): Promise<void> {
    this.log.push(`given up ${code}`);
  }

  async dropped(): Promise<void> {
    this.log.push("dropped");
  }

  moved(position: number): void {
    this.positions.push(position);
  }

  async finish(): Promise<void> {
    this.log.push("done");
    const end = this.#end;
    this.#end = undefined;
    end?.resolve();
    await settled();
  }

  async fail(error: unknown = passing()): Promise<void> {
    this.#reject(error);
    await settled();
  }

  #reject(error: unknown): void {
    const end = this.#end;
    this.#end = undefined;
    end?.reject(error);
  }
}
