import type { Server } from "node:http";
import type { Socket } from "node:net";
import { HoloscopeError } from "../contract/index.ts";

const MiB = 1024 * 1024;

/** What all clients together may make the server hold. */
export interface LoadLimits {
  /** Open connections, those without a complete request included. */
  readonly connections: number;
  /** Bytes of request bodies; the oldest one may go beyond it. */
  readonly bodyBytes: number;
  /** How long a body waits for room, in ms. */
  readonly bodyWaitMs: number;
  /** Bytes of answers that slow clients have not taken yet. */
  readonly answerBytes: number;
  /** Open event streams. */
  readonly eventReaders: number;
  /** Bytes of events that slow readers have not taken yet. */
  readonly eventBytes: number;
}

export const defaultLoadLimits: LoadLimits = {
  connections: 1024,
  bodyBytes: 48 * MiB,
  bodyWaitMs: 30_000,
  answerBytes: 128 * MiB,
  eventReaders: 256,
  eventBytes: 64 * MiB,
};

/** Throws or is answered with status 503 and Retry-After. */
export function busyError(what: string): HoloscopeError {
  return new HoloscopeError("BUSY", `${what} Nothing was done.`, "Send the request again in a few seconds.");
}

/** Bytes that one request holds; counted as they arrive, so that announcing many costs others nothing. */
export interface ByteLease {
  /** Resolves when there is room for so many more. Throws BUSY if there is none in time. */
  grow(bytes: number): Promise<void>;
  /** Gives everything back; may be called again. */
  end(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

interface Holder {
  held: number;
  waiting: Waiting | undefined;
}

/**
 * A number of bytes that all requests share. Beyond it a request waits, which slows its client down, until others have
 * ended; the oldest one never waits, or none might end. So all of them together hold at most the limit and one body.
 */
export class ByteBudget {
  readonly #limit: number;
  readonly #waitMs: number;
  /** Oldest first. */
  readonly #holders = new Set<Holder>();
  #held = 0;

  constructor({ bodyBytes, bodyWaitMs }: Pick<LoadLimits, "bodyBytes" | "bodyWaitMs">) {
    this.#limit = bodyBytes;
    this.#waitMs = bodyWaitMs;
  }

  lease(): ByteLease {
    const holder: Holder = { held: 0, waiting: undefined };
    return {
      grow: async (bytes) => {
        this.#holders.add(holder);
        if (this.#hasRoom(holder, bytes)) this.#take(holder, bytes);
        else await this.#wait(holder, bytes);
      },
      end: () => {
        this.#holders.delete(holder);
        this.#held -= holder.held;
        holder.held = 0;
        this.#admit();
      },
    };
  }

  #hasRoom(holder: Holder, bytes: number): boolean {
    const [oldest] = this.#holders;
    return holder === oldest || this.#held + bytes <= this.#limit;
  }

  #take(holder: Holder, bytes: number): void {
    holder.held += bytes;
    this.#held += bytes;
  }

  #wait(holder: Holder, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(holder.waiting?.timer);
        holder.waiting = undefined;
      };
      const timer = setTimeout(() => {
        leave();
        reject(busyError("Too much is being uploaded at once."));
      }, this.#waitMs);
      const admit = (): void => {
        leave();
        this.#take(holder, bytes);
        resolve();
      };
      holder.waiting = { bytes, admit, timer };
    });
  }

  #admit(): void {
    for (const holder of this.#holders) {
      const { waiting } = holder;
      if (waiting !== undefined && this.#hasRoom(holder, waiting.bytes)) waiting.admit();
    }
  }
}

/** ms that a connection beyond the limit has for its request, which is then answered with 503. */
const refusedMs = 5_000;
/** Connections beyond the limit that are answered at all; the system drops further ones. */
const refusedAtOnce = 256;

/**
 * The connections of a server. At the limit the oldest one that has sent no request makes room for a new one, so that
 * connections that say nothing shut nobody out; if there is none, the new one is answered with 503.
 */
export class Connections {
  readonly #limit: number;
  readonly #open = new Set<Socket>();
  /** Those without a complete request so far, oldest first. */
  readonly #silent = new Set<Socket>();
  readonly #refused = new WeakSet<Socket>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  watch(server: Server): void {
    server.maxConnections = this.#limit + refusedAtOnce;
    server.on("connection", (socket) => this.#add(socket));
  }

  /** To be called with each request. False for one of a connection beyond the limit. */
  checkIn(socket: Socket): boolean {
    this.#silent.delete(socket);
    return !this.#refused.has(socket);
  }

  /** Bytes of answers that wait in the connections. */
  get waitingBytes(): number {
    let sum = 0;
    for (const socket of this.#open) sum += socket.writableLength;
    return sum;
  }

  #add(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#silent.delete(socket);
    });
    if (this.#open.size > this.#limit) this.#makeRoom(socket);
    this.#silent.add(socket);
  }

  #makeRoom(newest: Socket): void {
    const [oldest] = this.#silent;
    if (oldest !== undefined) {
      // Its close event comes later; the room is there at once.
      this.#open.delete(oldest);
      this.#silent.delete(oldest);
      oldest.destroy();
      return;
    }
    this.#refused.add(newest);
    newest.setTimeout(refusedMs, () => newest.destroy());
  }
}
