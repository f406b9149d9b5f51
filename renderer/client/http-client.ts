import {
  type EventName,
  type EventPayload,
  HoloscopeError,
  type ImageRef,
  type MethodName,
  type MethodParams,
  type MethodResult,
} from "../../app/contract/index.ts";
import type { Connection } from "../logic/engine-summary.ts";
import type { WindowClient } from "./client.ts";
import { type EventSourceLike, EventStream } from "./event-stream.ts";
import { Listeners } from "./listeners.ts";
import { parseEvent, parseResult, unwrapHttp } from "./payload.ts";

export interface HttpDoor {
  readonly fetch: typeof fetch;
  readonly openEvents: (url: string) => EventSourceLike;
}

const browserDoor: HttpDoor = {
  fetch: (input, init) => fetch(input, init),
  openEvents: (url) => new EventSource(url),
};

/** The browser door: `/api` of the server that served the page. */
export class HttpClient implements WindowClient {
  readonly door = "browser";
  readonly #problems = new Listeners<HoloscopeError>();
  readonly #connections = new Listeners<Connection>();
  readonly #events = new Map<EventName, Listeners<unknown>>();
  #connection: Connection = "connecting";
  readonly #stream: EventStream;

  readonly #http: HttpDoor;

  constructor(http: HttpDoor = browserDoor) {
    this.#http = http;
    this.#stream = new EventStream({
      open: () => http.openEvents("/api/events"),
      onEvent: (event, data) => this.#receive(event, data),
      onConnection: (connection) => {
        this.#connection = connection;
        this.#connections.emit(connection);
      },
    });
  }

  async call<M extends MethodName>(method: M, params: MethodParams<M>): Promise<MethodResult<M>> {
    const body = await this.#post(`/api/call/${method}`, "application/json", JSON.stringify(params));
    return parseResult(method, unwrapHttp(body, `The answer to "${method}"`));
  }

  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    const listeners = this.#events.get(event) ?? new Listeners<unknown>();
    this.#events.set(event, listeners);
    // Only `receive` emits here, and only what this event's schema has parsed.
    return listeners.add(listener as (payload: unknown) => void);
  }

  async addFile(file: Blob, name?: string): Promise<ImageRef> {
    const query = name === undefined ? "" : `?name=${encodeURIComponent(name)}`;
    const body = await this.#post(`/api/images${query}`, file.type || "application/octet-stream", file);
    return parseResult("images.add", unwrapHttp(body, "The answer to the upload"));
  }

  /** A browser tells no page where a file lies. */
  pathOf(): string {
    return "";
  }

  imageUrl(id: string): string {
    return `/api/images/${id}`;
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    listener(this.#connection);
    return this.#connections.add(listener);
  }

  onProblem(listener: (error: HoloscopeError) => void): () => void {
    return this.#problems.add(listener);
  }

  close(): void {
    this.#stream.close();
  }

  #receive(event: EventName, data: string): void {
    let payload: unknown;
    try {
      payload = parseEvent(event, JSON.parse(data));
    } catch (error) {
      this.#problems.emit(HoloscopeError.from(error));
      return;
    }
    this.#events.get(event)?.emit(payload);
  }

  async #post(url: string, contentType: string, body: string | Blob): Promise<unknown> {
    let response: Response;
    try {
      response = await this.#http.fetch(url, { method: "POST", headers: { "content-type": contentType }, body });
    } catch (error) {
      throw new HoloscopeError(
        "INTERNAL",
        "Holoscope's server does not answer.",
        "Check that it is still running, then try again.",
        String(error),
      );
    }
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new HoloscopeError(
        "INTERNAL",
        `Holoscope's server answered with status ${response.status} and no readable message.`,
        "Check the server's log, then try again.",
        text.slice(0, 500),
      );
    }
  }
}
