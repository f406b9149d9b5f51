import type { EventName, EventPayload } from "../contract/api.ts";

type Listener = (payload: never) => void;

/** The host's events. A listener that throws is reported to `onListenerError` and never disturbs the others. */
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
    // A wrapper of its own, so that the same function subscribed twice is called twice and ends separately.
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
