import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { applicationFolder } from "../resources-folder.ts";
import type { EngineChild, EngineExit, EngineSpawner, ProgramSpawner } from "../types.ts";

/** How long to wait, in ms, for the last output and messages of a child that has exited. */
const drainMs = 5_000;

interface NodeSpawnOptions {
  /** The engine's program; the built dist/engine/engine.js by default. */
  readonly program?: string;
  /** More flags for the child's Node; never those of this process (--inspect would clash). */
  readonly execArgv?: readonly string[];
}

/**
 * For glibc; other C libraries ignore it. Blocks above the threshold (bytes) get their own pages, which return to the
 * system when freed. By default glibc raises the threshold up to 32 MB as such blocks are freed, and gives each thread
 * a heap that keeps freed memory: after a hundred detections images and embeddings then take about 15 % more resident
 * memory, and the heaps of the threads that decode images another 10 % (test/bench/memory.ts).
 */
const memoryReturned = { MALLOC_MMAP_THRESHOLD_: String(256 * 1024), MALLOC_ARENA_MAX: "2" };

/**
 * Limits V8's young generation to 2 MiB; the default is 16, which about two hundred detections fill. The engine creates
 * only small objects in JavaScript, and releases pixels without waiting for V8 (app/engine/release-buffers.ts).
 */
const smallYoungGeneration = "--max-semi-space-size=2";

/** Variables of debuggers and Electron, which would change how the engine starts or open a debug port. */
const startVariables =
  /^(NODE_OPTIONS|NODE_INSPECT.*|NODE_CHANNEL_.*|NODE_UNIQUE_ID|NODE_V8_COVERAGE|ELECTRON_.*|VSCODE_INSPECTOR_OPTIONS)$/i;
/** HF_TOKEN, HOLOSCOPE_TOKEN and their like: the engine reads files of strangers and needs no secret. */
const secretVariables = /TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY/i;

/** The engine's environment: without secrets, and without what would change how it starts. */
export function scrubbedEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const wanted = Object.entries(env).filter(([name]) => !startVariables.test(name) && !secretVariables.test(name));
  return { ...memoryReturned, ...Object.fromEntries(wanted) };
}

/**
 * Starts a program as a plain Node process. `kill()` sends SIGKILL: no such program writes anything to disk, and only
 * this reliably ends a process that hangs in native code.
 */
export const spawnNode: ProgramSpawner = (program, { args = [], execArgv = [] } = {}) => {
  const child = fork(program, args, {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: scrubbedEnvironment(process.env),
    execArgv: [...execArgv],
  });
  return {
    pid: child.pid,
    post: (message) => {
      if (!child.connected) return;
      // If the child has died, its exit reports it; failed sends need not.
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

/** Starts the engine as a plain Node process. It ends itself when the channel to its parent closes. */
export function nodeEngineSpawner(options: NodeSpawnOptions = {}): EngineSpawner {
  const program = options.program ?? path.join(applicationFolder(), "dist", "engine", "engine.js");
  return () => spawnNode(program, { execArgv: [smallYoungGeneration, ...(options.execArgv ?? [])] });
}

/**
 * Calls back when the child has ended and its remaining output was read: the exit event may come before the line that
 * explains an abort.
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
    // Also emitted if a kill or send fails. Without a pid the program never started, so no exit event will come.
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
