import { randomUUID } from "node:crypto";
import {
  defined,
  type Endpoint,
  type EndpointCall,
  type EndpointProbe,
  type EndpointStatus,
  type EngineInfo,
  type EngineReply,
  type EngineResult,
  HoloscopeError,
  presetForName,
} from "../../contract/index.ts";
import { cancelledError } from "../abortable.ts";
import { type EngineEvent, EngineProcess, type EngineRequestBody } from "../engine/process.ts";
import type { HostTimings } from "../engine/timings.ts";
import type { LogLevel } from "../log.ts";
import { enginePair } from "../models/engine-pair.ts";
import type { PresetStore } from "../models/preset-store.ts";
import type { ModelRegistry } from "../models/registry.ts";
import { Serial } from "../serial.ts";
import type { EngineSpawner } from "../types.ts";
import type { KeyStore } from "./keys.ts";
import type { EndpointStore } from "./store.ts";

interface ElsewhereConfig {
  readonly spawn: EngineSpawner;
  readonly timings: HostTimings;
  readonly log: (level: LogLevel, text: string) => void;
  readonly endpoints: EndpointStore;
  readonly keys: KeyStore;
  readonly models: ModelRegistry;
  readonly presets: Pick<PresetStore, "choice">;
}

interface Watch {
  readonly signal: AbortSignal;
  readonly onEvent?: (event: EngineEvent) => void;
}

/** A preset that is that of a model on this machine: "model:" and its id. */
const likeModel = "model:";
/** Longest time that a timer takes, ms: the engine itself gives a silent server up. */
const noLimitMs = 2 ** 31 - 1;

/** The part of a detection's request that does not say where it runs. */
export type DetectElsewhere = Omit<Extract<EngineRequestBody, { type: "detect" }>, "type" | "pair" | "endpoint">;

/**
 * Asks engines elsewhere: in an engine process of its own, which loads no model and needs no native library, so that a
 * crash of this machine's engine costs nothing here, and several questions run beside each other.
 */
export class ElsewhereEngine {
  readonly #config: ElsewhereConfig;
  readonly #starting = new Serial();
  readonly #probes = new Map<string, EndpointProbe>();
  #process: EngineProcess | undefined;
  #closed = false;

  constructor(config: ElsewhereConfig) {
    this.#config = config;
  }

  /**
   * Detects with the model of an endpoint. Rejects with what the engine answered (errors of the server have `retry` where
   * the same may be tried again), CANCELLED, ENDPOINT_UNENCRYPTED, ENGINE_CRASHED.
   */
  async detect(endpoint: Endpoint, body: DetectElsewhere, watch: Watch): Promise<EngineResult> {
    const call = await this.#callOf(endpoint, await this.known(endpoint, watch.signal));
    try {
      return (await this.#request({ type: "detect", ...body, endpoint: call }, "detected", watch)).value;
    } catch (error) {
      // It may have been started anew, with another model.
      this.forget(endpoint.id);
      throw error;
    }
  }

  /** What the server tells of itself; asked once, and again after a failure. Rejects as {@link probe}, ENDPOINT_UNENCRYPTED. */
  async known(endpoint: Endpoint, signal: AbortSignal): Promise<EndpointProbe> {
    // The key goes with the first question already.
    checkEncryption(endpoint);
    const known = this.#probes.get(endpoint.id);
    if (known !== undefined) return known;
    const found = await this.probe(endpoint, await this.#config.keys.get(endpoint.id), signal);
    this.#probes.set(endpoint.id, found);
    return found;
  }

  /** What {@link known} has found, without asking. */
  told(id: string): EndpointProbe | undefined {
    return this.#probes.get(id);
  }

  /** Asks a server what it is. Rejects with what hinders it. */
  async probe(
    { url, kind }: Pick<Endpoint, "url"> & { readonly kind?: Endpoint["kind"] | undefined },
    key: string | undefined,
    signal: AbortSignal,
  ): Promise<EndpointProbe> {
    const endpoint = { url, ...defined({ kind, key }) };
    return (await this.#request({ type: "probe-endpoint", endpoint }, "endpoint-probed", { signal })).value;
  }

  /** Forgets what is known of an endpoint, which was changed or failed. */
  forget(id: string): void {
    this.#probes.delete(id);
  }

  /** Never rejects but for ENDPOINT_NOT_FOUND: what hinders is part of the answer. */
  async check(id: string): Promise<EndpointStatus> {
    const endpoint = await this.#config.endpoints.get(id);
    this.forget(id);
    try {
      const probe = await this.known(endpoint, AbortSignal.timeout(this.#config.timings.probe));
      const model = modelOf(endpoint, probe);
      return { id, probe, ...defined({ model, preset: endpoint.preset ?? (model && presetForName(model)) }) };
    } catch (error) {
      return { id, problem: HoloscopeError.from(error).toInfo() };
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#process?.stop();
  }

  async #callOf(endpoint: Endpoint, probe: EndpointProbe): Promise<EndpointCall> {
    const { id, url, kind, preset } = endpoint;
    const like = preset?.startsWith(likeModel)
      ? await this.#config.models.get(preset.slice(likeModel.length))
      : undefined;
    return {
      url,
      kind,
      ...defined({
        model: modelOf(endpoint, probe),
        key: await this.#config.keys.get(id),
        preset: like === undefined && preset !== undefined ? await this.#config.presets.choice(preset) : undefined,
        like: like && enginePair(like),
      }),
    };
  }

  async #request<K extends EngineReply["kind"]>(body: EngineRequestBody, kind: K, { signal, onEvent }: Watch) {
    if (signal.aborted) throw cancelledError();
    const process = await this.#running();
    const id = randomUUID();
    const cancel = (): void => process.cancel(id);
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await process.request(body, kind, { id, silenceMs: noLimitMs, ...defined({ onEvent }) });
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  #running(): Promise<EngineProcess> {
    return this.#starting.run(async () => {
      if (this.#closed) throw cancelledError();
      if (this.#process?.alive) return this.#process;
      const { spawn, timings, log } = this.#config;
      // It is never initialised, so that no backend is loaded.
      const config = {
        spawn,
        backend: "cpu",
        startTimeoutMs: timings.start,
        exitTimeoutMs: timings.exit,
        log,
      } as const;
      this.#process = new EngineProcess(config);
      return this.#process;
    });
  }
}

/** The server's name of the model that is asked: the user's choice, else the first that it lists. */
export function modelOf({ model }: Pick<Endpoint, "model">, { models }: EndpointProbe): string | undefined {
  return model ?? models[0];
}

/** How a record names the model: without the folders of a file on somebody's disk. */
export function modelName(model: string | undefined): string {
  if (model === undefined) return "unknown model";
  return /\.gguf$/i.test(model) ? (model.split(/[\\/]/).at(-1) ?? model) : model;
}

/** What a run records of its engine. */
export function elsewhereInfo(endpoint: Endpoint, probe: EndpointProbe | undefined): EngineInfo {
  const { id, name, kind, url } = endpoint;
  const { host } = new URL(url);
  const model = probe && modelOf(endpoint, probe);
  return {
    backend: "remote",
    backendReason: `The engine "${name}" was chosen.`,
    devices: [],
    endpoint: { id, name, kind, host, ...defined({ version: probe?.version, model: model && modelName(model) }) },
  };
}

/** Throws ENDPOINT_UNENCRYPTED if screenshots would be readable on their way and the user has not agreed to that. */
export function checkEncryption({ url, sendUnencrypted }: Pick<Endpoint, "url" | "sendUnencrypted">): void {
  const { protocol, hostname } = new URL(url);
  const here = hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  if (protocol === "https:" || here || sendUnencrypted === true) return;
  throw new HoloscopeError(
    "ENDPOINT_UNENCRYPTED",
    `Screenshots will be sent unencrypted to ${hostname}.`,
    "Agree to that (holoscope engines add --unencrypted, or the engine's switch in the window), or use https or a tunnel " +
      "(ssh -L).",
  );
}
