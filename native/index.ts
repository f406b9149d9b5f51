/**
 * The only typed door to the native addon. Load it in the engine process only: native code may abort its process.
 *
 * One process can open one variant: the addons of two variants would bring two copies of llama.cpp.
 */
import { createRequire } from "node:module";
import { delimiter } from "node:path";
import { findLayout, locateAddon } from "./locate.ts";
import type {
  ContextOptions,
  Encoded,
  EncodeOptions,
  GenerateOptions,
  GenerateResult,
  LoadOptions,
  NativeErrorCode,
  NativeLibrary,
  NativeLog,
  NativeMemory,
  NativeModelInfo,
  NativeSession,
  NativeSystemInfo,
  NativeVariant,
  Prefilled,
  PreparedPrompt,
  PromptInput,
  TimedNode,
} from "./types.ts";
import { NATIVE_ERROR_CODES } from "./types.ts";
import { ALL_VARIANTS } from "./variants.ts";

export type * from "./types.ts";

const isErrorCode = (code: unknown): code is NativeErrorCode => NATIVE_ERROR_CODES.some((known) => known === code);

/** The one error of the native surface. */
export class NativeError extends Error {
  override readonly name = "NativeError";
  readonly code: NativeErrorCode;

  constructor(code: NativeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What `Session` in native/src/session_js.cpp offers. */
interface RawSession extends Omit<NativeSession, "model" | "memory"> {
  load(options: Required<Omit<LoadOptions, "signal">>): Promise<NativeModelInfo>;
  memory(): Omit<NativeMemory, "residentBytes">;
}

/** What native/src/addon.cpp exports. */
interface RawAddon {
  open(options: {
    readonly bins: string;
    readonly fallbackBackends: readonly string[];
    readonly cpuOnly: boolean;
    readonly onLog: (lines: readonly NativeLog[]) => void;
  }): void;
  systemInfo(): Omit<NativeSystemInfo, "variant">;
  shutdown(): void;
  readonly Session: new () => RawSession;
}

/** The boundary between untyped and typed: from here on the C++ side is trusted to match types.ts, as tests check. */
function asAddon(exported: unknown): RawAddon {
  const names = ["open", "systemInfo", "shutdown", "Session"];
  const complete =
    typeof exported === "object" &&
    exported !== null &&
    names.every((name) => typeof Reflect.get(exported, name) === "function");
  if (!complete)
    throw new NativeError("NATIVE_MISSING", "The native addon is of another version. Run `npm run build:native`.");
  return exported as RawAddon;
}

/** Turns what C++ threw (an Error with a `code`) into a NativeError. */
function toNativeError(error: unknown): NativeError {
  if (error instanceof NativeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return new NativeError(isErrorCode(code) ? code : "DECODE_FAILED", message, { cause: error });
}

async function native<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toNativeError(error);
  }
}

/** Hands an exception of a listener to the caller of the running call, instead of letting it end the process. */
class ListenerGuard {
  readonly #stop: () => void;
  #thrown: { readonly error: unknown } | undefined;

  /** @param stop cancels the running call; the rest of its events is dropped */
  constructor(stop: () => void) {
    this.#stop = stop;
  }

  wrap<T>(listener: (event: T) => void): (event: T) => void {
    return (event) => {
      if (this.#thrown !== undefined) return;
      try {
        listener(event);
      } catch (error) {
        this.#thrown = { error };
        this.#stop();
      }
    };
  }

  settle<T>(result: Promise<T>): Promise<T> {
    return result.finally(() => {
      if (this.#thrown !== undefined) throw this.#thrown.error;
    });
  }
}

class Session implements NativeSession {
  readonly model: NativeModelInfo;
  readonly #raw: RawSession;

  constructor(raw: RawSession, model: NativeModelInfo) {
    this.#raw = raw;
    this.model = model;
  }

  configure(options: ContextOptions): Promise<void> {
    return native(() => this.#raw.configure(options));
  }

  keeps(imageKey: string): boolean {
    return this.#raw.keeps(imageKey);
  }

  prepare(input: PromptInput): Promise<PreparedPrompt> {
    return native(() => this.#raw.prepare(input));
  }

  encode(options: EncodeOptions): Promise<Encoded> {
    return native(() => this.#raw.encode(options));
  }

  prefill(): Promise<Prefilled> {
    return native(() => this.#raw.prefill());
  }

  generate(options: GenerateOptions): Promise<GenerateResult> {
    const guard = new ListenerGuard(() => this.#raw.cancel());
    const onTokens = guard.wrap(options.onTokens);
    return guard.settle(native(() => this.#raw.generate({ ...options, onTokens })));
  }

  nodeTimes(): Promise<readonly TimedNode[]> {
    return native(() => this.#raw.nodeTimes());
  }

  cancel(): void {
    this.#raw.cancel();
  }

  memory(): NativeMemory {
    return { ...this.#raw.memory(), residentBytes: process.memoryUsage.rss() };
  }

  free(): Promise<void> {
    return native(() => this.#raw.free());
  }
}

class Library implements NativeLibrary {
  readonly variant: NativeVariant;
  readonly #addon: RawAddon;

  constructor(variant: NativeVariant, addon: RawAddon) {
    this.variant = variant;
    this.#addon = addon;
  }

  systemInfo(): NativeSystemInfo {
    return { variant: this.variant, ...this.#addon.systemInfo() };
  }

  async load(options: LoadOptions): Promise<NativeSession> {
    const { signal, onProgress, ...settings } = options;
    if (signal?.aborted === true) throw new NativeError("CANCELLED", "Cancelled.");
    const raw = new this.#addon.Session();
    const cancel = (): void => raw.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const guard = new ListenerGuard(cancel);
    let highest = -1;
    const report = guard.wrap((fraction: number) => {
      if (fraction <= highest) return;
      highest = fraction;
      onProgress?.(fraction);
    });
    try {
      const model = await guard.settle(native(() => raw.load({ ...settings, onProgress: report })));
      return new Session(raw, model);
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }
}

const layout = findLayout(import.meta.url, process.resourcesPath);

let opened: Library | undefined;

/** Variants whose addon is built and whose libraries are installed; a driver may still be missing. */
export function builtVariants(): NativeVariant[] {
  if (layout === undefined) return [];
  return ALL_VARIANTS.filter((variant) => locateAddon(layout, variant) !== undefined);
}

/**
 * Loads the addon of a variant and llama.cpp's backends, once per process.
 * `onLog` receives what llama.cpp, ggml and libmtmd would write to stderr, on the JS thread; it does not keep the
 * process alive. A second call with the same variant returns the same library and ignores its `onLog`.
 * Errors: NATIVE_MISSING, NO_DEVICE.
 */
export function openNative(
  variant: NativeVariant,
  options: { readonly onLog?: (log: NativeLog) => void } = {},
): NativeLibrary {
  if (opened !== undefined) {
    if (opened.variant === variant) return opened;
    throw new NativeError(
      "NATIVE_MISSING",
      `This process has opened the ${opened.variant} variant; start another process for ${variant}.`,
    );
  }
  const located = layout === undefined ? undefined : locateAddon(layout, variant);
  if (located === undefined) {
    throw new NativeError(
      "NATIVE_MISSING",
      `The native addon for ${variant} is not there. Run \`npm run build:native\`, or reinstall Holoscope.`,
    );
  }
  // Windows looks for the DLLs that an addon needs in PATH; the other systems have a path inside the addon.
  if (process.platform === "win32") {
    process.env.PATH = `${located.binaries.bins}${delimiter}${process.env.PATH ?? ""}`;
  }
  try {
    const addon = asAddon(createRequire(import.meta.url)(located.addon));
    addon.open({
      bins: located.binaries.bins,
      fallbackBackends: located.binaries.fallbackBackends,
      cpuOnly: variant === "cpu",
      onLog: (lines) => {
        try {
          for (const line of lines) options.onLog?.(line);
        } catch (error) {
          // Nobody waits for a log line: report as any other uncaught exception, but not through C++.
          queueMicrotask(() => {
            throw error;
          });
        }
      },
    });
    // GPU backends complain, some by aborting, when the process ends while they still hold buffers.
    process.once("exit", () => addon.shutdown());
    opened = new Library(variant, addon);
    return opened;
  } catch (error) {
    if (error instanceof NativeError || (error instanceof Error && "code" in error && isErrorCode(error.code))) {
      throw toNativeError(error);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new NativeError("NATIVE_MISSING", `The native addon for ${variant} cannot be loaded: ${reason}`, {
      cause: error,
    });
  }
}
