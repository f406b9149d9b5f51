import { type EventName, eventNames } from "../../app/contract/index.ts";
import type { Connection } from "../logic/engine-summary.ts";

/** The part of EventSource that is used; a test gives its own. */
export interface EventSourceLike {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: Event) => void): void;
  close(): void;
}

const closed = 2;
/** ms before the first, second, ... attempt to connect again; the last one repeats. */
export const reconnectDelays: readonly number[] = [500, 1000, 2000, 5000];

export interface EventStreamOptions {
  readonly open: () => EventSourceLike;
  /** Data of one event: the text after `data:`. */
  readonly onEvent: (event: EventName, data: string) => void;
  readonly onConnection: (connection: Connection) => void;
}

/**
 * Server-sent events that come back after any failure. A browser's EventSource retries by itself after a broken
 * connection, but gives up for good on an HTTP error, which a server that is just starting may well answer.
 */
export class EventStream {
  #source: EventSourceLike | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  readonly #options: EventStreamOptions;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#connect();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #connect(): void {
    const source = this.#options.open();
    this.#source = source;
    source.addEventListener("open", () => {
      this.#failures = 0;
      this.#options.onConnection("open");
    });
    source.addEventListener("error", () => {
      if (this.#source !== source) return;
      this.#options.onConnection("lost");
      if (source.readyState === closed) this.#retryLater();
    });
    for (const event of eventNames) {
      source.addEventListener(event, (message) => {
        if (message instanceof MessageEvent && typeof message.data === "string") {
          this.#options.onEvent(event, message.data);
        }
      });
    }
  }

  #retryLater(): void {
    const delay = reconnectDelays[Math.min(this.#failures, reconnectDelays.length - 1)];
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), delay);
  }
}
