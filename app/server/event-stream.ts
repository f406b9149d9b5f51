import type { ServerResponse } from "node:http";
import { eventNames } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { busyError, defaultLoadLimits, type LoadLimits } from "./load.ts";

/**
 * Bytes waiting for a slow reader above which it is disconnected; the browser then reconnects and reads the state
 * again.
 */
const maxWaitingBytes = 16 * 1024 * 1024;
const defaultHeartbeatMs = 15_000;

const headers = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store",
  "X-Accel-Buffering": "no",
} as const;

interface Reader {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Disconnects at once; what was waiting is dropped. */
  cut(): void;
}

function waiting({ controller }: Reader): number {
  return maxWaitingBytes - (controller.desiredSize ?? maxWaitingBytes);
}

/** All open event streams of one server. They share one subscription to the host, and the bytes of every event. */
export class EventStreams {
  readonly #host: Host;
  readonly #heartbeatMs: number;
  readonly #limits: Pick<LoadLimits, "eventReaders" | "eventBytes">;
  readonly #readers = new Set<Reader>();
  readonly #encoder = new TextEncoder();
  #unsubscribe: (() => void)[] = [];

  constructor(
    host: Host,
    heartbeatMs = defaultHeartbeatMs,
    limits: Pick<LoadLimits, "eventReaders" | "eventBytes"> = defaultLoadLimits,
  ) {
    this.#host = host;
    this.#heartbeatMs = heartbeatMs;
    this.#limits = limits;
  }

  /** Every event of the contract as `event: <name>` and `data: <json>`, until the reader disconnects. Throws BUSY. */
  open(outgoing: ServerResponse): Response {
    if (this.#readers.size >= this.#limits.eventReaders) throw busyError("Too many event streams are open.");
    let reader: Reader | undefined;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          reader = { controller, cut: () => outgoing.destroy() };
          this.#add(reader);
          controller.enqueue(this.#encoder.encode("retry: 1000\n\n"));
        },
        cancel: () => reader && this.#remove(reader),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: maxWaitingBytes }),
    );
    return new Response(body, { headers });
  }

  /** The answer to HEAD: the same headers, and nothing stays open. */
  head(): Response {
    return new Response(null, { headers });
  }

  closeAll(): void {
    for (const reader of [...this.#readers]) {
      this.#remove(reader);
      reader.controller.close();
    }
  }

  #add(reader: Reader): void {
    this.#readers.add(reader);
    if (this.#unsubscribe.length > 0) return;
    // Keeps proxies from closing a quiet stream, and detects readers that have gone.
    const heartbeat = setInterval(() => this.#send(": still here\n\n"), this.#heartbeatMs);
    heartbeat.unref();
    this.#unsubscribe = [
      () => clearInterval(heartbeat),
      ...eventNames.map((name) =>
        this.#host.on(name, (payload) => this.#send(`event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`)),
      ),
    ];
  }

  #remove(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    for (const stop of this.#unsubscribe) stop();
    this.#unsubscribe = [];
  }

  #send(text: string): void {
    const chunk = this.#encoder.encode(text);
    let sum = 0;
    for (const reader of [...this.#readers]) {
      if (waiting(reader) >= maxWaitingBytes) {
        this.#cut(reader);
      } else {
        reader.controller.enqueue(chunk);
        sum += waiting(reader);
      }
    }
    if (sum > this.#limits.eventBytes) this.#cutSlowest(sum);
  }

  /** Disconnects the slowest readers until those that are left have few enough bytes waiting. */
  #cutSlowest(waitingBytes: number): void {
    let sum = waitingBytes;
    for (const reader of [...this.#readers].sort((a, b) => waiting(b) - waiting(a))) {
      if (sum <= this.#limits.eventBytes) return;
      sum -= waiting(reader);
      this.#cut(reader);
    }
  }

  #cut(reader: Reader): void {
    this.#remove(reader);
    reader.cut();
  }
}
