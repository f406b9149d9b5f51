import type { OverlayBox } from "../contract/engine.ts";
import type { AnsweredRun, DetectRequestInput, EngineRequest, HoloscopeApi, ImageRef } from "../contract/index.ts";

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

export interface HostOptions {
  /** Folder that only the host writes to: images/, runs/, annotations/, truth/, trash/, index/, settings.json, models.json, logs/. */
  readonly dataFolder: string;
  /** Folder with models/nano and samples. */
  readonly resourcesFolder: string;
  readonly spawnEngine: EngineSpawner;
  readonly appVersion: string;
  readonly door: "desktop" | "browser";
}

/** The application without any window. Errors are HoloscopeErrors. */
export interface Host extends HoloscopeApi {
  /**
   * Queues a detection. `done` always resolves with the written record, also for failed and cancelled runs; a record
   * that could not be written carries the warning NOT_SAVED. A request with `useCache` may be answered with a stored run
   * at once: then that run's id comes back, the record is marked as cached, and there are no events.
   * Throws BAD_REQUEST, IMAGE_NOT_FOUND, MODEL_NOT_FOUND.
   */
  detect(request: DetectRequestInput): Promise<{ readonly runId: string; readonly done: Promise<AnsweredRun> }>;
  /** The stored bytes of an image, for the image routes. Throws IMAGE_NOT_FOUND. */
  imageFile(id: string): Promise<{ readonly path: string; readonly ref: ImageRef }>;
  /** The image with boxes drawn on it, as PNG bytes. */
  overlay(imageId: string, boxes: readonly OverlayBox[]): Promise<Uint8Array>;
  /** Cancels what runs, ends the engine, flushes what is to be written. */
  close(): Promise<void>;
}
