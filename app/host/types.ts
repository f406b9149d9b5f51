import type { AnsweredRun, DetectRequestInput, EngineRequest, HoloscopeApi, ImageRef } from "../contract/index.ts";
import type { Cipher } from "./endpoints/keys.ts";
import type { DisplayFile } from "./images/store.ts";

/** How an engine child ended. A signal means it was killed from outside or by the system. */
export interface EngineExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One running engine process, whatever spawned it (forked Node, Electron's utilityProcess). */
export interface EngineChild {
  readonly pid: number | undefined;
  post(message: EngineRequest): void;
  /** Messages as they arrive, not yet parsed. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, also when the process could not be started. */
  onExit(listener: (exit: EngineExit) => void): void;
  /** Text on stdout and stderr: what llama.cpp prints before it aborts. */
  onOutput(listener: (text: string) => void): void;
  kill(): void;
}

export type EngineSpawner = () => EngineChild;

/** Starts a program of the application, by its path, in a process of its own. */
export type ProgramSpawner = (
  program: string,
  options?: { readonly args?: readonly string[]; readonly execArgv?: readonly string[] },
) => EngineChild;

export interface HostOptions {
  /** Folder that only the host writes to: images/, runs/, annotations/, truth/, trash/, index/, settings.json, models.json, logs/. */
  readonly dataFolder: string;
  /** Folder with models/nano and samples. */
  readonly resourcesFolder: string;
  readonly spawnEngine: EngineSpawner;
  /** For helper programs; as plain Node processes if left out. */
  readonly spawnProgram?: ProgramSpawner;
  readonly appVersion: string;
  readonly door: "desktop" | "browser";
  /** Seals the keys of engines elsewhere, where the operating system has a store for that. */
  readonly cipher?: Cipher | undefined;
}

export interface TakenIn {
  readonly image: ImageRef;
  /** Whether runs on it are to be kept. */
  readonly keep: boolean;
  readonly giveBack: () => Promise<void>;
}

/** The application without any window. Errors are HoloscopeErrors. */
export interface Host extends HoloscopeApi {
  /**
   * As `call`, for doors, which pass on the name and params that they were sent: both are checked here and nowhere
   * else. Resolves with the method's result. Throws BAD_REQUEST, and what the method throws.
   */
  dispatch(method: unknown, params: unknown): Promise<unknown>;
  /**
   * Queues a detection. `done` always resolves with the written record, also for failed and cancelled runs; a record
   * that could not be written carries the warning NOT_SAVED. A request with `useCache` may be answered at once with a
   * stored run: then `runId` is that run's, `done` is marked as cached, and no events follow. Throws BAD_REQUEST,
   * IMAGE_NOT_FOUND, MODEL_NOT_FOUND. With `keep: false` the record is not written, and nothing is told of the run:
   * `done` alone has it.
   */
  detect(
    request: DetectRequestInput,
    options?: { readonly keep?: boolean },
  ): Promise<{ readonly runId: string; readonly done: Promise<AnsweredRun> }>;
  /**
   * Takes an image in for the answer to one request of a service. Unless the user keeps what services are sent (setting
   * `keepParsed`) or has stored the image already, it is removed by `giveBack`, which is to be called once and never
   * rejects. Throws what `images.add` throws.
   */
  takeIn(bytes: Uint8Array, name?: string): Promise<TakenIn>;
  /**
   * The bytes of an image as it is shown, upright, for the image routes, and their media type. They never change.
   * Throws IMAGE_NOT_FOUND, and what drawing a turned image throws.
   */
  displayFile(id: string): Promise<DisplayFile>;
  /** Writes a line into the application's log, for what only a door sees. */
  log(level: "info" | "warn" | "error", text: string): void;
  /** Cancels all work, ends the engine and writes what is still unwritten. */
  close(): Promise<void>;
}
