import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Backend,
  type EngineMessage,
  type EngineReply,
  type EngineRequest,
  engineMessageSchema,
  HoloscopeError,
  type Initialised,
} from "../../contract/index.ts";
import type { LogLevel } from "../log.ts";
import type { EngineChild, EngineSpawner } from "../types.ts";
import { crashError, diedInNativeCode } from "./crash-reason.ts";
import { EngineLog } from "./log.ts";
import { OutputTail } from "./output-tail.ts";

/** Lines of output kept for the reason of a crash. */
const outputLines = 200;

/** Everything that decides how one engine process is run. */
interface EngineProcessConfig {
  readonly spawn: EngineSpawner;
  /** The backend that this process loads; it never changes. */
  readonly backend: Backend;
  /** ms from the spawn to the answer of `init`. */
  readonly startTimeoutMs: number;
  /** ms that a killed process may take to disappear. */
  readonly exitTimeoutMs: number;
  readonly log: (level: LogLevel, text: string) => void;
}

/** A streamed message of a running request. */
export type EngineEvent = Extract<EngineMessage, { type: "progress" | "stage" | "detection" }>;

type WithoutId<T> = T extends { readonly id: string } ? Omit<T, "id"> : never;
export type EngineRequestBody = WithoutId<EngineRequest>;
type ReplyOf<K extends EngineReply["kind"]> = Extract<EngineReply, { kind: K }>;

export interface RequestOptions {
  /** Id of the request, for `cancel`; a new one if left out. */
  readonly id?: string;
  readonly onEvent?: (event: EngineEvent) => void;
  /**
   * If no message about this request arrives for this many ms, the engine counts as hung and is killed: ENGINE_TIMEOUT.
   */
  readonly silenceMs: number;
}

interface Pending {
  readonly settle: (reply: EngineReply) => void;
  readonly reject: (error: HoloscopeError) => void;
  readonly onEvent: ((event: EngineEvent) => void) | undefined;
  readonly renewTimer: () => void;
}

/** One engine process, however it was spawned, from start to end. It is never restarted. */
export class EngineProcess {
  readonly backend: Backend;
  /** What it wrote; the doctor extracts facts from it. */
  readonly log = new EngineLog();
  readonly #config: EngineProcessConfig;
  readonly #child: EngineChild;
  readonly #output: OutputTail;
  readonly #pending = new Map<string, Pending>();
  readonly #exitListeners = new Set<() => void>();
  readonly #crashListeners = new Set<(error: HoloscopeError, pending: number) => void>();
  readonly #exited: Promise<void>;
  /** Set when the host ends the process: the error that its open requests reject with. */
  #ending: HoloscopeError | undefined;
  #alive = true;
  #diedInNativeCode = false;

  constructor(config: EngineProcessConfig) {
    this.#config = config;
    this.backend = config.backend;
    this.#output = new OutputTail(outputLines);
    this.#child = config.spawn();
    this.#child.onOutput((text) => {
      for (const line of this.#output.push(text)) this.#write("info", line);
    });
    this.#child.onMessage((message) => this.#receive(message));
    this.#exited = new Promise((resolve) => {
      this.#child.onExit((exit) => {
        this.#alive = false;
        const crash = this.#ending === undefined ? crashError(exit, this.#output.lines) : undefined;
        this.#diedInNativeCode = crash !== undefined && diedInNativeCode(exit, this.#output.lines);
        const pending = this.#pending.size;
        this.#rejectAll(crash ?? this.#ending ?? crashError(exit, this.#output.lines));
        if (crash !== undefined) for (const listener of this.#crashListeners) listener(crash, pending);
        for (const listener of this.#exitListeners) listener();
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#alive && this.#ending === undefined;
  }

  /** Whether it has ended unasked because of what native code did. */
  get diedInNativeCode(): boolean {
    return this.#diedInNativeCode;
  }

  /** Called once when the process has ended, for whatever reason. */
  onExit(listener: () => void): void {
    this.#exitListeners.add(listener);
  }

  /** Called before `onExit` if the process ended unasked, with the number of unanswered requests. */
  onCrash(listener: (error: HoloscopeError, pending: number) => void): void {
    this.#crashListeners.add(listener);
  }

  /** The init handshake. Rejects with NATIVE_MISSING, ENGINE_CRASHED, ENGINE_TIMEOUT; the process is gone then. */
  async initialise(): Promise<Initialised> {
    try {
      const { value } = await this.request({ type: "init", backend: this.backend }, "initialised", {
        silenceMs: this.#config.startTimeoutMs,
      });
      return value;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Sends a request and waits for its one reply of the given kind. Rejects with what the engine answered instead. */
  request<K extends EngineReply["kind"]>(
    body: EngineRequestBody,
    kind: K,
    { id = randomUUID(), onEvent, silenceMs }: RequestOptions,
  ): Promise<ReplyOf<K>> {
    return new Promise((resolve, reject) => {
      if (!this.alive)
        return reject(this.#ending ?? new HoloscopeError("ENGINE_CRASHED", "The engine is not running."));
      let timer: NodeJS.Timeout | undefined;
      const renewTimer = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => this.#hung(body.type, silenceMs), silenceMs);
      };
      const end = (): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        onEvent,
        renewTimer,
        reject: (error) => {
          end();
          reject(error);
        },
        settle: (reply) => {
          end();
          if (isOfKind(reply, kind)) resolve(reply);
          else if (reply.kind === "failed") reject(HoloscopeError.fromInfo(reply.error));
          else reject(new HoloscopeError("INTERNAL", `The engine answered "${body.type}" with "${reply.kind}".`));
        },
      });
      renewTimer();
      this.#child.post({ ...body, id });
    });
  }

  /** Asks the engine to end a request early; that request then rejects with CANCELLED. */
  cancel(target: string): void {
    if (this.alive) this.#child.post({ type: "cancel", id: randomUUID(), target });
  }

  /**
   * Ends the process now; open requests reject with `reason`. The engine keeps nothing on disk, so a kill is safe.
   * Resolves when the process has ended or cannot be killed.
   */
  async stop(reason = new HoloscopeError("CANCELLED", "The engine was stopped.")): Promise<void> {
    this.#ending ??= reason;
    this.#rejectAll(this.#ending);
    if (!this.#alive) return;
    this.#child.kill();
    const tooLong = sleep(this.#config.exitTimeoutMs, undefined, { ref: false });
    await Promise.race([this.#exited, tooLong]);
    if (this.#alive) this.#config.log("error", `engine process ${this.pid ?? "?"} does not end`);
  }

  #hung(what: string, silenceMs: number): void {
    const error = new HoloscopeError(
      "ENGINE_TIMEOUT",
      `The engine gave no answer to "${what}" for ${Math.round(silenceMs / 1000)} s and was ended.`,
      "It starts again by itself. If the machine is very busy, try again later or choose a smaller model.",
      this.#output.lines.join("\n"),
    );
    const pending = this.#pending.size;
    for (const listener of this.#crashListeners) listener(error, pending);
    void this.stop(error);
  }

  #rejectAll(error: HoloscopeError): void {
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }

  #receive(raw: unknown): void {
    const parsed = engineMessageSchema.safeParse(raw);
    if (parsed.success) this.#dispatch(parsed.data);
    else this.#receiveMalformed(raw, parsed.error.message);
  }

  #write(level: LogLevel, text: string): void {
    this.log.push(level, text);
    this.#config.log(level, `engine: ${text}`);
  }

  #dispatch(message: EngineMessage): void {
    if (message.type === "log") {
      this.#write(message.level, message.text);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (message.type === "reply") {
      pending?.settle(message.reply);
      return;
    }
    pending?.renewTimer();
    pending?.onEvent?.(message);
  }

  /** A malformed reply ends its request at once, instead of letting it run into the timeout. */
  #receiveMalformed(raw: unknown, problem: string): void {
    this.#config.log("error", `The engine sent a message that is not valid: ${problem}`);
    if (typeof raw !== "object" || raw === null || !("type" in raw) || !("id" in raw)) return;
    if (raw.type !== "reply" || typeof raw.id !== "string") return;
    this.#pending
      .get(raw.id)
      ?.reject(
        new HoloscopeError(
          "INTERNAL",
          "The engine's answer could not be understood.",
          "Build again (npm run build) so that application and engine are of the same version.",
          problem,
        ),
      );
  }
}

function isOfKind<K extends EngineReply["kind"]>(reply: EngineReply, kind: K): reply is ReplyOf<K> {
  return reply.kind === kind;
}
