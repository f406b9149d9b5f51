import { eventNames } from "../contract/index.ts";
import type { Host } from "../host/types.ts";

/** A reader that falls further behind than this is cut off; the browser then connects again and reads the state anew. */
const maxWaitingBytes = 16 * 1024 * 1024;
const defaultHeartbeatMs = 15_000;

/** All open event streams of one server. */
export class EventStreams {
  readonly #host: Host;
  readonly #heartbeatMs: number;
  readonly #open = new Set<() => void>();

  constructor(host: Host, heartbeatMs = defaultHeartbeatMs) {
    this.#host = host;
    this.#heartbeatMs = heartbeatMs;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Every event of the contract as `event: <name>` and `data: <json>`, from now until the reader goes away. */
  open(): Response {
    const encoder = new TextEncoder();
    let release = () => {};
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const close = () => {
            release();
            controller.close();
          };
          const send = (text: string) => {
            if ((controller.desiredSize ?? 0) <= 0) close();
            else controller.enqueue(encoder.encode(text));
          };
          const unsubscribe = eventNames.map((name) =>
            this.#host.on(name, (payload) => send(`event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`)),
          );
          // Keeps proxies from closing a quiet stream, and finds out about readers that vanished.
          const heartbeat = setInterval(() => send(": still here\n\n"), this.#heartbeatMs);
          heartbeat.unref();
          release = () => {
            this.#open.delete(close);
            clearInterval(heartbeat);
            for (const stop of unsubscribe) stop();
          };
          this.#open.add(close);
          send("retry: 1000\n\n");
        },
        cancel: () => release(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: maxWaitingBytes }),
    );
    return new Response(body, {
      headers: {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
      },
    });
  }

  closeAll(): void {
    for (const close of [...this.#open]) close();
  }
}
