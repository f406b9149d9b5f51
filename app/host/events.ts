import type { EventName, EventPayload } from "../contract/index.ts";

type Listener = (payload: never) => void;

/** The host's events. A listener that throws is reported to `onListenerError`; the others are still called. */
export class EventHub {
  readonly #listeners = new Map<EventName, Set<Listener>>();
  readonly #onListenerError: (event: EventName, error: unknown) => void;

  constructor(onListenerError: (event: EventName, error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Returns the function that ends the subscription. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set<Listener>();
    this.#listeners.set(event, listeners);
    // A new wrapper each time, so that a function subscribed twice is called twice and can be unsubscribed once.
    const entry: Listener = (payload: EventPayload<E>) => listener(payload);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  emit<E extends EventName>(event: E, payload: EventPayload<E>): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as (payload: EventPayload<E>) => void)(payload);
      } catch (error) {
        this.#onListenerError(event, error);
      }
    }
  }
}
