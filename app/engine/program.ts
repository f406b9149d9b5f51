import type { NativeLibrary, NativeLog, NativeVariant } from "../../native/index.ts";
import {
  type DetectSettings,
  type EngineMessage,
  type EngineReply,
  type EngineRequest,
  engineRequestSchema,
  HoloscopeError,
  type LoadedModel,
  parseOrThrow,
} from "../contract/index.ts";
import { type DetectCall, detect } from "./detect.ts";
import { throwIfCancelled, toHoloscopeError } from "./errors.ts";
import { openImage } from "./image/decode.ts";
import { inspectPair, type PairPaths } from "./inspect.ts";
import { ModelHolder } from "./models.ts";
import { drawOverlay } from "./overlay/draw.ts";
import { Prefetcher } from "./prefetch.ts";
import { releaseBuffers } from "./release-buffers.ts";

/** How the program opens the native library; a test gives it another one. */
export type OpenNative = (variant: NativeVariant, options: { onLog: (log: NativeLog) => void }) => NativeLibrary;

interface Opened {
  readonly library: NativeLibrary;
  readonly models: ModelHolder;
}

/**
 * Answers each request with exactly one reply. Requests that use the model run one after the other in the order of
 * their arrival; probe, inspect, prefetch, overlay and cancel run beside them.
 */
export class EngineProgram {
  readonly #send: (message: EngineMessage) => void;
  readonly #openNative: OpenNative;
  #opened: Opened | undefined;
  /** Settles when the last request that uses the model has ended. */
  #modelQueue: Promise<unknown> = Promise.resolve();
  readonly #prefetcher = new Prefetcher();
  readonly #running = new Map<string, AbortController>();

  constructor(send: (message: EngineMessage) => void, openNative: OpenNative) {
    this.#send = send;
    this.#openNative = openNative;
  }

  /** Takes a message of the host. Never rejects. */
  async receive(message: unknown): Promise<void> {
    const id = idOf(message);
    try {
      const request = parseOrThrow(engineRequestSchema, message, "BAD_REQUEST", "The engine request");
      this.#reply(id, await this.#answer(request));
    } catch (error) {
      this.#reply(id, { kind: "failed", error: toHoloscopeError(error).toInfo() });
    }
  }

  /** Cancels what runs and frees the model. */
  async close(): Promise<void> {
    for (const controller of this.#running.values()) controller.abort();
    await this.#modelQueue;
    await this.#opened?.models.unload();
  }

  async #answer(request: EngineRequest): Promise<EngineReply> {
    switch (request.type) {
      case "init":
        return this.#init(request.backend);
      case "inspect": {
        const { inspection } = await inspectPair(this.#native().library, request.pair);
        return { kind: "inspected", value: inspection };
      }
      case "probe":
        return { kind: "probed", value: (await openImage(request.imagePath)).probe };
      case "prefetch":
        await this.#prefetch(request);
        return { kind: "done" };
      case "overlay":
        return { kind: "overlaid", value: { png: await drawOverlay(request.imagePath, request.boxes) } };
      case "cancel":
        this.#running.get(request.target)?.abort();
        return { kind: "done" };
      case "load":
        return { kind: "loaded", value: await this.#load(request.id, request.pair, request.settings) };
      case "unload":
        await this.#withModel(request.id, ({ models }) => models.unload());
        return { kind: "done" };
      case "detect":
        try {
          return { kind: "detected", value: await this.#detect(request) };
        } finally {
          // Not before the answer is on its way.
          setImmediate(releaseBuffers);
        }
    }
  }

  #init(backend: NativeVariant): EngineReply {
    if (this.#opened === undefined) {
      const library = this.#openNative(backend, {
        onLog: ({ level, text }) => this.#send({ type: "log", level, text }),
      });
      this.#opened = { library, models: new ModelHolder(library) };
    }
    const { library } = this.#opened;
    if (library.variant !== backend) {
      throw new HoloscopeError(
        "BAD_REQUEST",
        `This engine process runs on ${library.variant}; another one is needed for ${backend}.`,
      );
    }
    const { llamaCppRelease, features, physicalCores, devices } = library.systemInfo();
    return {
      kind: "initialised",
      value: { llamaCppRelease, features, physicalCores, devices: devices.map((device) => ({ ...device })) },
    };
  }

  #load(id: string, pair: PairPaths, settings: DetectSettings): Promise<LoadedModel> {
    return this.#withModel(id, async ({ models }, signal) => {
      const loaded = await models.load(pair, settings, {
        signal,
        onProgress: (fraction) => this.#send({ type: "progress", id, phase: "loading", fraction }),
      });
      return loaded.info;
    });
  }

  async #prefetch({ id, imagePath, pair, settings }: PrefetchCall): Promise<void> {
    const traits = this.#native().models.traitsOf(pair);
    if (traits === undefined) return;
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      await this.#prefetcher.start(imagePath, traits.sizing, settings, controller.signal);
    } finally {
      this.#running.delete(id);
    }
  }

  #detect(call: DetectCall) {
    const { id } = call;
    const listener = {
      progress: (phase: DetectPhase, fraction?: number) =>
        this.#send({ type: "progress", id, phase, ...(fraction === undefined ? {} : { fraction }) }),
      stage: (stage: StageMessage["stage"]) => this.#send({ type: "stage", id, stage }),
      detection: (detection: DetectionMessage["detection"]) => this.#send({ type: "detection", id, detection }),
    };
    return this.#withModel(id, ({ library, models }, signal) =>
      detect(library, models, call, listener, signal, this.#prefetcher),
    );
  }

  /** Waits for its turn with the model; cancelled while waiting, it does not begin. */
  async #withModel<T>(id: string, work: (opened: Opened, signal: AbortSignal) => Promise<T>): Promise<T> {
    const opened = this.#native();
    const controller = new AbortController();
    this.#running.set(id, controller);
    const turn = this.#modelQueue.then(() => {
      throwIfCancelled(controller.signal);
      return work(opened, controller.signal);
    });
    this.#modelQueue = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#running.delete(id);
    }
  }

  #native(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    throw new HoloscopeError("BAD_REQUEST", 'The engine\'s first request must be "init".');
  }

  #reply(id: string, reply: EngineReply): void {
    this.#send({ type: "reply", id, reply });
  }
}

type PrefetchCall = Extract<EngineRequest, { type: "prefetch" }>;
type DetectPhase = Extract<EngineMessage, { type: "progress" }>["phase"];
type StageMessage = Extract<EngineMessage, { type: "stage" }>;
type DetectionMessage = Extract<EngineMessage, { type: "detection" }>;

/** The id to answer to, also for a message that is otherwise wrong. */
function idOf(message: unknown): string {
  const id = typeof message === "object" && message !== null && "id" in message ? message.id : undefined;
  return typeof id === "string" ? id : "";
}
