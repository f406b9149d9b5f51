import { EventEmitter } from "node:events";
import { type EventName, HoloscopeError, type ImageRef, settingsSchema } from "../../app/contract/index.ts";
import { parseCall } from "../../app/host/call.ts";
import type { Host } from "../../app/host/types.ts";

/** A stored image as the host describes it. */
export function imageRef(name: string, digit = "a"): ImageRef {
  return { id: digit.repeat(64), name, width: 640, height: 480, bytes: 100, format: "png", frames: 1 };
}

/** A host without an engine: answers from `answers`, remembers the calls, and lets tests emit events. */
export class FakeHost {
  readonly calls: { readonly method: string; readonly params: unknown }[] = [];
  readonly answers = new Map<string, (params: unknown) => unknown>([["settings.get", () => settingsSchema.parse({})]]);
  readonly #events = new EventEmitter();
  imagePath: string | undefined;
  closed = 0;
  closing: Promise<void> = Promise.resolve();

  /** The same object as the type that the shell takes. */
  readonly host: Host = {
    call: async (method, params) => {
      this.calls.push({ method, params });
      const answer = this.answers.get(method);
      if (answer === undefined) throw new HoloscopeError("NOT_FOUND", `no answer for ${method}`);
      return answer(params) as never;
    },
    dispatch: async (name, given) => {
      const { method, params } = parseCall(name, given);
      return this.host.call(method, params as never);
    },
    on: (event, listener) => {
      this.#events.on(event, listener);
      return () => this.#events.off(event, listener);
    },
    detect: () => Promise.reject(new HoloscopeError("INTERNAL", "not used by the shell")),
    takeIn: () => Promise.reject(new HoloscopeError("INTERNAL", "not used by the shell")),
    displayFile: async (id) => {
      if (this.imagePath === undefined) throw new HoloscopeError("IMAGE_NOT_FOUND", `There is no image ${id}.`);
      return { path: this.imagePath, type: "image/png" };
    },
    log: () => {},
    close: () => {
      this.closed += 1;
      return this.closing;
    },
  };

  emit(event: EventName, payload: unknown): void {
    this.#events.emit(event, payload);
  }
}
