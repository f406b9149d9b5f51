import { stat } from "node:fs/promises";
import type { NativeLibrary } from "../../native/index.ts";
import { type DetectSettings, HoloscopeError, type LoadedModel } from "../contract/index.ts";
import { pairFiles } from "../gguf/split-name.ts";
import { now } from "./clock.ts";
import type { ModelTraits } from "./families/index.ts";
import { SeenImages } from "./image/seen.ts";
import { inspectPair, type PairPaths } from "./inspect.ts";
import { planThreads } from "./session/context.ts";
import { LocalSession } from "./session/local.ts";
import type { RemoteSession, Session } from "./session/session.ts";

/** A model that can be asked, and what is known about it. */
export interface AskedModel {
  readonly session: Session | RemoteSession;
  readonly traits: ModelTraits;
  /** Of a model on this machine. */
  readonly info?: LoadedModel;
  /** Images decoded since the pair was loaded. */
  readonly seen: SeenImages;
}

/** The loaded pair and what is known about it. */
export interface LoadedPair extends AskedModel {
  readonly pair: PairPaths;
  readonly session: Session;
  readonly info: LoadedModel;
}

export interface LoadWatch {
  readonly signal: AbortSignal;
  /** Called before the weights are loaded; what it throws keeps them from being loaded. */
  readonly check?: (traits: ModelTraits) => void;
  /** 0..1, not decreasing. */
  readonly onProgress: (fraction: number) => void;
}

/** Holds at most one loaded pair. Its methods must not run at the same time. */
export class ModelHolder {
  readonly #library: NativeLibrary;
  #key = "";
  #loaded: LoadedPair | undefined;

  constructor(library: NativeLibrary) {
    this.#library = library;
  }

  /** The pair, if it is loaded with these settings and its files have not changed since. */
  async loaded(pair: PairPaths, settings: DetectSettings): Promise<LoadedPair | undefined> {
    return this.#loaded !== undefined && this.#key === (await this.#keyOf(pair, settings)) ? this.#loaded : undefined;
  }

  /** What is known of the pair if it is the loaded one, whatever the settings it was loaded with. */
  traitsOf({ modelPath, mmprojPath }: PairPaths): ModelTraits | undefined {
    const loaded = this.#loaded;
    return loaded?.pair.modelPath === modelPath && loaded.pair.mmprojPath === mmprojPath ? loaded.traits : undefined;
  }

  /**
   * Loads a pair in place of the present one, once its headers are checked; keeps the present one if nothing changed.
   * Also throws what {@link inspectPair} and the native load throw.
   */
  async load(pair: PairPaths, settings: DetectSettings, watch: LoadWatch): Promise<LoadedPair> {
    const present = await this.loaded(pair, settings);
    if (present !== undefined) return present;
    const { inspection, traits } = await inspectPair(pair);
    watch.check?.(traits);
    const key = await this.#keyOf(pair, settings);
    await this.unload();
    const start = now();
    const native = await this.#library.load({
      ...pair,
      gpuLayers: settings.gpuLayers,
      mmprojOnGpu: settings.gpuLayers !== 0,
      encodeThreads: this.#encodeThreads(settings),
      flashAttention: settings.flashAttention,
      useMmap: true,
      ffnPadding: "auto",
      onProgress: watch.onProgress,
      signal: watch.signal,
    });
    const { modelBytes, vocabularySize, usesMrope, ...model } = native.model;
    const info: LoadedModel = {
      ...model,
      projector: inspection.mmproj.projector ?? "unknown",
      family: traits.family,
      loadMs: now() - start,
    };
    this.#key = key;
    const session = new LocalSession(native, this.#library.systemInfo().physicalCores);
    this.#loaded = { pair, session, traits, info, seen: new SeenImages() };
    return this.#loaded;
  }

  /** Frees the present pair, if any. */
  async unload(): Promise<void> {
    const session = this.#loaded?.session;
    this.#loaded = undefined;
    this.#key = "";
    await session?.free();
  }

  /** Everything whose change makes loading again necessary. */
  async #keyOf(pair: PairPaths, settings: DetectSettings): Promise<string> {
    const files = await Promise.all(pairFiles(pair).map(fileVersion));
    return JSON.stringify([files, settings.gpuLayers, settings.flashAttention, this.#encodeThreads(settings)]);
  }

  #encodeThreads(settings: DetectSettings): number {
    return planThreads(settings, this.#library.systemInfo().physicalCores, 0).threads;
  }
}

async function fileVersion(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path);
    return `${path} ${size} ${mtimeMs}`;
  } catch (error) {
    throw new HoloscopeError(
      "FILE_MISSING",
      `The model file cannot be read: ${path}`,
      "Check that it still exists and that you may read it, or add the model again.",
      String(error),
    );
  }
}
