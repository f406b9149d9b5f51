import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { applicationFolder } from "./resources-folder.ts";
import type { EngineChild, EngineExit, EngineSpawner } from "./types.ts";

/** How long to wait, in ms, for the last output and messages of a child that has exited. */
const drainMs = 500;

export interface NodeSpawnOptions {
  /** The engine's program; the built dist/engine/engine.js by default. */
  readonly program?: string;
  /** More flags for the child's Node; never those of this process (--inspect would clash). */
  readonly execArgv?: readonly string[];
}

/**
 * For glibc; others ignore it. Blocks from the threshold (bytes) on get pages of their own, which go back when they are
 * freed. Left alone glibc raises it up to 32 MB as such blocks are freed, and gives each thread a heap that keeps what is
 * freed: images and embeddings then cost some 15 % more resident memory after a hundred detections, and the heaps of the
 * threads that decode images another 10 % (test/bench/memory.ts).
 */
const memoryReturned = { MALLOC_MMAP_THRESHOLD_: String(256 * 1024), MALLOC_ARENA_MAX: "2" };

/**
 * MiB of V8's young generation at most; it is 16 otherwise and reached after some two hundred detections. What an engine
 * makes in JavaScript is small, and its pixels are released without waiting for V8 (app/engine/release-buffers.ts).
 */
const smallYoungGeneration = "--max-semi-space-size=2";

/**
 * The environment an engine is given. Debugger and Electron variables of the parent would change how the child
 * starts, or open a debug port in it.
 */
export function scrubbedEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const unwanted =
    /^(NODE_OPTIONS|NODE_INSPECT.*|NODE_CHANNEL_.*|NODE_UNIQUE_ID|NODE_V8_COVERAGE|ELECTRON_.*|VSCODE_INSPECTOR_OPTIONS)$/i;
  return { ...memoryReturned, ...Object.fromEntries(Object.entries(env).filter(([name]) => !unwanted.test(name))) };
}

/**
 * Starts the engine as a plain Node process. `kill()` is SIGKILL: the engine writes nothing to disk, and nothing else
 * surely ends a process that is stuck in native code. The engine ends itself when the channel to its parent closes.
 */
export function nodeEngineSpawner(options: NodeSpawnOptions = {}): EngineSpawner {
  return () => {
    const program = options.program ?? path.join(applicationFolder(), "dist", "engine", "engine.js");
    const child = fork(program, {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: scrubbedEnvironment(process.env),
      execArgv: [smallYoungGeneration, ...(options.execArgv ?? [])],
    });
    return {
      pid: child.pid,
      post: (message) => {
        if (!child.connected) return;
        // A child that died meanwhile is reported by its exit, not by each failed send.
        child.send(message, () => {});
      },
      onMessage: (listener) => void child.on("message", listener),
      onOutput: (listener) => {
        for (const stream of [child.stdout, child.stderr]) {
          stream?.setEncoding("utf8");
          stream?.on("data", listener);
        }
      },
      onExit: (listener) => whenEnded(child, listener),
      kill: () => void child.kill("SIGKILL"),
    } satisfies EngineChild;
  };
}

/**
 * Calls back once the child has ended and what it still wrote has been read: the exit event alone may come before
 * the line that tells why it aborted.
 */
function whenEnded(child: ChildProcess, listener: (exit: EngineExit) => void): void {
  let exit: EngineExit | undefined;
  let streamsClosed = false;
  let reported = false;
  const report = (): void => {
    if (reported || exit === undefined) return;
    reported = true;
    listener(exit);
  };
  const reportWhenDrained = (): void => {
    if (streamsClosed && !child.connected) report();
  };
  child.on("error", () => {
    // Also emitted when a kill or a send fails. Without a pid the program never started: there will be no exit event.
    if (child.pid !== undefined) return;
    exit = { code: null, signal: null };
    report();
  });
  child.once("exit", (code, signal) => {
    exit = { code, signal };
    setTimeout(report, drainMs).unref();
    reportWhenDrained();
  });
  child.once("close", () => {
    streamsClosed = true;
    reportWhenDrained();
  });
  child.once("disconnect", () => reportWhenDrained());
}
