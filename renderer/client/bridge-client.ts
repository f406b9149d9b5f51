import {
  callResultSchema,
  defined,
  type EventName,
  type EventPayload,
  type HoloscopeBridge,
  HoloscopeError,
  type ImageRef,
  type MethodName,
  type MethodParams,
  type MethodResult,
  parseOrThrow,
} from "../../app/contract/index.ts";
import type { Connection } from "../logic/engine-summary.ts";
import type { WindowClient } from "./client.ts";
import { Listeners } from "./listeners.ts";
import { parseEvent, parseResult, unwrap } from "./payload.ts";

/** The desktop door: Electron's preload bridge. */
export class BridgeClient implements WindowClient {
  readonly door = "desktop";
  readonly #problems = new Listeners<HoloscopeError>();

  readonly #bridge: HoloscopeBridge;

  constructor(bridge: HoloscopeBridge) {
    this.#bridge = bridge;
  }

  async call<M extends MethodName>(method: M, params: MethodParams<M>): Promise<MethodResult<M>> {
    let answer: unknown;
    try {
      answer = await this.#bridge.call(method, params);
    } catch (error) {
      throw HoloscopeError.from(error);
    }
    return parseResult(method, unwrap(parseOrThrow(callResultSchema, answer, "INTERNAL", `The answer to "${method}"`)));
  }

  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    return this.#bridge.subscribe(event, (raw) => {
      let payload: EventPayload<E>;
      try {
        payload = parseEvent(event, raw);
      } catch (error) {
        this.#problems.emit(HoloscopeError.from(error));
        return;
      }
      listener(payload);
    });
  }

  /** By path where the file has one, so that large files are not copied through the window. */
  async addFile(file: Blob, name?: string): Promise<ImageRef> {
    const path = file instanceof File ? this.#bridge.pathForFile(file) : "";
    if (path !== "") return this.call("images.addPath", { path });
    const bytes = new Uint8Array(await file.arrayBuffer());
    return this.call("images.add", { bytes, ...defined({ name }) });
  }

  pathOf(file: File): string {
    return this.#bridge.pathForFile(file);
  }

  imageUrl(id: string): string {
    return `holoscope://app/images/${id}`;
  }

  /** Host and window live and die together. */
  onConnection(listener: (connection: Connection) => void): () => void {
    listener("open");
    return () => undefined;
  }

  onProblem(listener: (error: HoloscopeError) => void): () => void {
    return this.#problems.add(listener);
  }
}
