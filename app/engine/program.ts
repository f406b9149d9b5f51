import type { NativeLibrary, NativeLog, NativeVariant } from "../../native/index.ts";
import {
  defined,
  type EngineMessage,
  type EngineReply,
  type EngineRequest,
  type EngineResult,
  engineRequestSchema,
  HoloscopeError,
  type LoadedModel,
  parseOrThrow,
} from "../contract/index.ts";
import { overlayBoxes } from "../presentation/overlay.ts";
import { type DetectListener, detect, detectWith } from "./detect.ts";
import { Elsewhere } from "./elsewhere.ts";
import { throwIfCancelled, toHoloscopeError } from "./errors.ts";
import { openImage } from "./image/decode.ts";
import { inspectModel, inspectPair } from "./inspect.ts";
import { ModelHolder } from "./models.ts";
import { drawOverlay } from "./overlay/draw.ts";
import { type PrefetchCall, Prefetcher } from "./prefetch.ts";
import { releaseBuffers } from "./release-buffers.ts";
import type { DetectCall } from "./steps/plan.ts";

/** How the program opens the native library; a test gives it another one. */
export type OpenNative = (variant: NativeVariant, options: { onLog: (log: NativeLog) => void }) => NativeLibrary;

interface Opened {
  readonly library: NativeLibrary;
  readonly models: ModelHolder;
}

/**
 * Answers each request with exactly one reply. Requests that use the model run one after the other in the order of
 * their arrival; probe, inspect, prefetch, overlay, cancel and whatever asks engines elsewhere run beside them, and need no
 * native library.
 */
export class EngineProgram {
  readonly #send: (message: EngineMessage) => void;
  readonly #openNative: OpenNative;
  #opened: Opened | undefined;
  /** Settles when the last request that uses the model has ended. */
  #modelQueue: Promise<unknown> = Promise.resolve();
  readonly #prefetcher = new Prefetcher();
  readonly #elsewhere = new Elsewhere();
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
      case "inspect":
        return { kind: "inspected", value: (await inspectPair(request.pair)).inspection };
      case "inspect-model":
        return { kind: "model-inspected", value: await inspectModel(request.modelPath) };
      case "probe":
        return { kind: "probed", value: (await openImage(request.imagePath)).probe };
      case "probe-endpoint":
        return {
          kind: "endpoint-probed",
          value: await this.#cancellable(request.id, (signal) => this.#elsewhere.probe(request.endpoint, signal)),
        };
      case "prefetch":
        await this.#prefetch(request);
        return { kind: "done" };
      case "overlay":
        return {
          kind: "overlaid",
          value: { png: await drawOverlay(request.ground, overlayBoxes(request.elements)) },
        };
      case "cancel":
        this.#running.get(request.target)?.abort();
        return { kind: "done" };
      case "load":
        return { kind: "loaded", value: await this.#load(request) };
      case "unload":
        await this.#withModel(request.id, ({ models }) => models.unload());
        return { kind: "done" };
      case "detect":
        try {
          return { kind: "detected", value: await this.#detect(request) };
        } finally {
          // Only after the answer was sent, so as not to delay it.
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

  #load({ id, pair, settings }: Extract<EngineRequest, { type: "load" }>): Promise<LoadedModel> {
    const onProgress = (fraction: number) => this.#send({ type: "progress", id, phase: "loading", fraction });
    return this.#withModel(
      id,
      async ({ models }, signal) => (await models.load(pair, settings, { signal, onProgress })).info,
    );
  }

  async #prefetch(call: PrefetchCall): Promise<void> {
    const sizing = this.#native().models.traitsOf(call.pair)?.sizing;
    if (sizing === undefined) return;
    await this.#cancellable(call.id, (signal) => this.#prefetcher.start(call, sizing, signal));
  }

  async #detect(call: DetectCall): Promise<EngineResult> {
    const { id } = call;
    const listener: DetectListener = {
      progress: (phase, fraction) => this.#send({ type: "progress", id, phase, ...defined({ fraction }) }),
      stage: (stage) => this.#send({ type: "stage", id, stage }),
      detection: (detection) => this.#send({ type: "detection", id, detection }),
    };
    const { pair, endpoint } = call;
    if (endpoint !== undefined) {
      return this.#cancellable(id, async (signal) =>
        detectWith(await this.#elsewhere.open(endpoint), call, listener, signal),
      );
    }
    if (pair === undefined) throw new HoloscopeError("BAD_REQUEST", "A detection needs a model or an endpoint.");
    const local = { ...call, pair };
    return this.#withModel(id, ({ models }, signal) => detect(models, local, listener, signal, this.#prefetcher));
  }

  /** Waits for its turn with the model; cancelled while waiting, it does not begin. */
  #withModel<T>(id: string, work: (opened: Opened, signal: AbortSignal) => Promise<T>): Promise<T> {
    const opened = this.#native();
    return this.#cancellable(id, (signal) => {
      const turn = this.#modelQueue.then(() => {
        throwIfCancelled(signal);
        return work(opened, signal);
      });
      this.#modelQueue = turn.catch(() => {});
      return turn;
    });
  }

  /** Does the work of the request `id`; the signal fires when the host cancels it. */
  async #cancellable<T>(id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      return await work(controller.signal);
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

/** The id to answer to, also for a message that is otherwise wrong. */
function idOf(message: unknown): string {
  const id = typeof message === "object" && message !== null && "id" in message ? message.id : undefined;
  return typeof id === "string" ? id : "";
}
