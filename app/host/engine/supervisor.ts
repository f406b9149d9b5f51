import {
  type Backend,
  type BackendChoice,
  defined,
  type EngineState,
  HoloscopeError,
  type Initialised,
  type LoadedModel,
} from "../../contract/index.ts";
import { closedError } from "../abortable.ts";
import type { LogLevel } from "../log.ts";
import { Serial } from "../serial.ts";
import type { EngineSpawner } from "../types.ts";
import type { BackendExplanation, Backends } from "./backends.ts";
import { CrashedPairs } from "./crashed-pairs.ts";
import { EngineProcess } from "./process.ts";

interface EngineSupervisorConfig {
  readonly spawn: EngineSpawner;
  readonly backends: Backends;
  readonly log: (level: LogLevel, text: string) => void;
  /** Called whenever `state()` may have changed. */
  readonly onChange: () => void;
  readonly startTimeoutMs: number;
  readonly exitTimeoutMs: number;
}

/** A process that has answered the handshake. */
export interface RunningEngine {
  readonly process: EngineProcess;
  readonly info: Initialised;
}

/** An engine with the backend that a request asked for, and why it is that one. */
export interface ReadyEngine extends RunningEngine, BackendExplanation {
  readonly backend: Backend;
}

/** After this many failed starts in a row, calls fail at once for a while, instead of trying again. */
const maxStartFailures = 3;
const startPauseMs = 10_000;

/**
 * Keeps at most one engine running: started at first use, restarted after a crash, replaced when another backend is
 * asked for. "Heavy" work (load, detect, unload) comes from the queue, one task at a time; "light" work (probe,
 * inspect, overlay) may run at the same time, so that adding an image does not wait for a detection.
 */
export class EngineSupervisor {
  /** The models that end an engine, whichever process it was. */
  readonly crashedPairs = new CrashedPairs();
  readonly #config: EngineSupervisorConfig;
  readonly #starts = new Serial();
  readonly #light = new Set<Promise<unknown>>();
  #running: RunningEngine | undefined;
  /** The process that ran last; it may still be ending. */
  #latest: EngineProcess | undefined;
  /** A process whose handshake has not finished. */
  #initialising: EngineProcess | undefined;
  #activity: "idle" | "loading" | "busy" = "idle";
  #starting = false;
  #crashed = false;
  #closed = false;
  #restarts = 0;
  #startFailures = 0;
  #lastStartFailure = { at: 0, message: "" };
  #lastError: HoloscopeError | undefined;
  #explanation: BackendExplanation | undefined;
  #loaded: { readonly modelId: string; readonly model: LoadedModel } | undefined;
  #lastInfo: Initialised | undefined;

  constructor(config: EngineSupervisorConfig) {
    this.#config = config;
  }

  /** What the last engine reported about itself; kept when it ends. */
  get lastInfo(): Initialised | undefined {
    return this.#lastInfo;
  }

  /** The engine that runs now, whatever its backend. */
  get current(): RunningEngine | undefined {
    return this.#running?.process.alive ? this.#running : undefined;
  }

  get loadedModelId(): string | undefined {
    return this.#loaded?.modelId;
  }

  state(queued: number): EngineState {
    const running = this.#running;
    return {
      state: this.#starting ? "starting" : running ? this.#activity : this.#crashed ? "crashed" : "stopped",
      ...defined({
        backend: running?.process.backend,
        backendReason: running && this.#explanation?.reason,
        lastError: this.#lastError?.toInfo(),
      }),
      ...this.#loaded,
      queued,
      restarts: this.#restarts,
    };
  }

  /**
   * An engine with the chosen backend; replaces a running one of another backend. Only for work from the queue.
   * Throws BACKEND_UNAVAILABLE, NATIVE_MISSING, ENGINE_CRASHED, ENGINE_TIMEOUT.
   */
  ready(choice: BackendChoice): Promise<ReadyEngine> {
    return this.#starts.run(async () => {
      const running = await this.#ensure(choice);
      const explanation = await this.#config.backends.explain(choice, running.process.backend);
      this.#explanation = explanation;
      this.#config.onChange();
      return { ...running, ...explanation, backend: running.process.backend };
    });
  }

  /** The running engine, if `ready` would return it. */
  async fitting(choice: BackendChoice): Promise<RunningEngine | undefined> {
    const [first] = await this.#config.backends.plan(choice);
    const { current } = this;
    return current?.process.backend === first ? current : undefined;
  }

  /**
   * Does work that any backend can do, on the running engine; if there is none, on a new one with the preferred
   * backend, or with the CPU if that fails.
   */
  async light<T>(preferred: BackendChoice, work: (process: EngineProcess) => Promise<T>): Promise<T> {
    // The work starts inside the serial section, so that the engine cannot be replaced in between.
    const { result } = await this.#starts.run(async () => {
      const running = this.current ?? (await this.#ensureAny(preferred));
      const result = work(running.process);
      this.#light.add(result);
      void result.catch(() => {}).then(() => this.#light.delete(result));
      return { result };
    });
    return result;
  }

  /** Sets what work from the queue is running. */
  setActivity(activity: "idle" | "loading" | "busy"): void {
    if (this.#activity === activity || this.#running === undefined) return;
    this.#activity = activity;
    this.#config.onChange();
  }

  /** Sets that the engine is loading a model; the one before is gone. */
  setLoading(): void {
    this.#loaded = undefined;
    this.setActivity("loading");
  }

  /** Sets the model that the engine holds; undefined = none. A loaded model clears an earlier error. */
  setLoaded(loaded: { readonly modelId: string; readonly model: LoadedModel } | undefined): void {
    this.#loaded = loaded;
    if (loaded !== undefined) this.#lastError = undefined;
    this.#config.onChange();
  }

  /** Starts an engine with this backend for a moment to learn whether it works, unless that is known. */
  tryBackend(backend: Backend): Promise<void> {
    return this.#starts.run(async () => {
      const { process } = await this.#start(backend);
      await process.stop();
    });
  }

  /** Ends the engine; later calls fail. Resolves within about `exitTimeoutMs`. */
  async close(): Promise<void> {
    this.#closed = true;
    const closing = closedError();
    await Promise.all([this.#running?.process.stop(closing), this.#initialising?.stop(closing)]);
  }

  async #ensureAny(preferred: BackendChoice): Promise<RunningEngine> {
    try {
      return await this.#ensure(preferred);
    } catch (error) {
      if (!(error instanceof HoloscopeError) || error.code !== "BACKEND_UNAVAILABLE") throw error;
      return this.#ensure("cpu");
    }
  }

  async #ensure(choice: BackendChoice): Promise<RunningEngine> {
    this.#checkClosed();
    const plan = await this.#config.backends.plan(choice);
    const { current } = this;
    if (current !== undefined && current.process.backend === plan[0]) return current;
    await this.#replaceable();
    this.#checkStartLoop();
    this.#starting = true;
    this.#config.onChange();
    try {
      return await this.#startFirst(plan);
    } catch (error) {
      this.#lastError = HoloscopeError.from(error);
      throw error;
    } finally {
      this.#starting = false;
      this.#config.onChange();
    }
  }

  /**
   * Ends the running engine when its light work is done, or waits until a dying one is gone, so that two models are
   * never loaded at once.
   */
  async #replaceable(): Promise<void> {
    await Promise.allSettled([...this.#light]);
    await this.#latest?.stop();
  }

  async #startFirst(plan: readonly Backend[]): Promise<RunningEngine> {
    let failure: unknown;
    for (const backend of plan) {
      try {
        const running = await this.#start(backend);
        this.#adopt(running);
        return running;
      } catch (error) {
        failure = error;
        this.#checkClosed();
      }
    }
    this.#noteStartFailure(HoloscopeError.from(failure));
    throw failure;
  }

  /**
   * Counts only processes that die or hang, since restarting those could go on for ever; other errors, such as
   * NATIVE_MISSING, come quickly each time.
   */
  #noteStartFailure({ code, message }: HoloscopeError): void {
    if (code !== "ENGINE_CRASHED" && code !== "ENGINE_TIMEOUT") return;
    this.#startFailures++;
    this.#lastStartFailure = { at: Date.now(), message };
  }

  async #start(backend: Backend): Promise<RunningEngine> {
    const { spawn, backends, log, startTimeoutMs, exitTimeoutMs } = this.#config;
    this.#checkClosed();
    try {
      const process = new EngineProcess({ spawn, backend, startTimeoutMs, exitTimeoutMs, log });
      this.#initialising = process;
      const info = await process.initialise();
      try {
        backends.accept(backend, info);
      } catch (error) {
        await process.stop();
        throw error;
      }
      return { process, info };
    } catch (error) {
      this.#checkClosed();
      throw backends.reject(backend, HoloscopeError.from(error));
    } finally {
      this.#initialising = undefined;
    }
  }

  #adopt(running: RunningEngine): void {
    this.#config.log("info", `Engine ${running.process.pid ?? "?"} started with backend ${running.process.backend}`);
    if (this.#crashed) this.#restarts++;
    this.#crashed = false;
    this.#startFailures = 0;
    this.#lastInfo = running.info;
    this.#running = running;
    this.#latest = running.process;
    running.process.onCrash((error, pending) => this.#crash(running, error, pending));
    running.process.onExit(() => this.#forget(running));
    if (!running.process.alive) this.#forget(running);
  }

  #crash(running: RunningEngine, error: HoloscopeError, pending: number): void {
    this.#config.log("error", `${error.message}\n${error.detail ?? ""}`);
    this.#crashed = true;
    this.#lastError = error;
    this.#forget(running);
    // Restarted only if it died at work: an engine that dies while idle would be restarted for ever.
    if (pending > 0 && !this.#closed)
      void this.#starts.run(() => this.#ensure(running.process.backend)).catch(() => {});
  }

  #forget(running: RunningEngine): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#loaded = undefined;
    this.#activity = "idle";
    this.#config.onChange();
  }

  #checkClosed(): void {
    if (this.#closed) throw closedError();
  }

  #checkStartLoop(): void {
    const { at, message } = this.#lastStartFailure;
    if (this.#startFailures < maxStartFailures || Date.now() - at > startPauseMs) return;
    throw new HoloscopeError(
      "ENGINE_CRASHED",
      `The engine failed to start ${this.#startFailures} times in a row: ${message}`,
      `Holoscope tries again after ${startPauseMs / 1000} s. If it keeps failing, copy the diagnostics and report them.`,
    );
  }
}
