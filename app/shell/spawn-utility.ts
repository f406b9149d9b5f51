import { constants } from "node:os";
import { app, utilityProcess } from "electron";
import { scrubbedEnvironment } from "../host/engine/spawn-node.ts";
import type { EngineChild, EngineExit, EngineSpawner, ProgramSpawner } from "../host/types.ts";

/**
 * ms to wait after an unclean exit: Electron reports the reason for a crash in a separate event, before or after the
 * exit, and the last output may still be in the pipe.
 */
const crashReasonMs = 200;

/** Reasons that mean that a signal or the system ended the process, not the program itself. */
const violentReasons: readonly string[] = ["killed", "crashed", "oom", "memory-eviction"];

/**
 * Translates Electron's exit code. After a crash it is waitpid's status, whose low seven bits are the signal; on
 * Windows it is a status code without a signal.
 * @param reason the reason in Electron's `child-process-gone` event, if there was one
 */
export function engineExit(
  code: number,
  reason: string | undefined,
  platform: NodeJS.Platform = process.platform,
): EngineExit {
  if (reason === undefined || !violentReasons.includes(reason)) return { code, signal: null };
  const number = code & 0x7f;
  const signal = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  if (platform === "win32" || signal === undefined) return { code, signal: reason };
  return { code: null, signal };
}

let started = 0;

/** Starts a program in an Electron utility process: Node without a window, and not the main process. */
export const spawnUtility: ProgramSpawner = (program, { args = [], execArgv = [] } = {}) => {
  // A unique name for each child, so that reports of their ends cannot be confused.
  started += 1;
  const serviceName = `Holoscope Engine ${started}`;
  const child = utilityProcess.fork(program, [...args], {
    serviceName,
    stdio: ["ignore", "pipe", "pipe"],
    env: scrubbedEnvironment(process.env),
    execArgv: [...execArgv],
  });

  let running = false;
  let killWanted = false;
  let ended: EngineExit | undefined;
  let goneReason: string | undefined;
  const exitListeners: ((exit: EngineExit) => void)[] = [];

  const onGone = (_event: unknown, details: Electron.Details): void => {
    if (details.name === serviceName) goneReason = details.reason;
  };
  app.on("child-process-gone", onGone);

  child.once("spawn", () => {
    running = true;
    if (killWanted) child.kill();
  });
  child.once("exit", (code) => {
    const finish = (): void => {
      app.off("child-process-gone", onGone);
      ended = engineExit(code, goneReason);
      for (const listener of exitListeners) listener(ended);
    };
    if (code === 0) finish();
    else setTimeout(finish, crashReasonMs);
  });

  return {
    // Known only once the process has spawned.
    get pid() {
      return child.pid;
    },
    post: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on("message", listener),
    onExit: (listener) => {
      if (ended === undefined) exitListeners.push(listener);
      else listener(ended);
    },
    onOutput: (listener) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8");
        stream?.on("data", (chunk: string | Buffer) => listener(String(chunk)));
      }
    },
    kill: () => {
      // Electron cannot kill a process that has not spawned yet.
      if (running) child.kill();
      else killWanted = true;
    },
  } satisfies EngineChild;
};

/** Starts the engine's program in an Electron utility process. */
export function utilityEngineSpawner(program: string): EngineSpawner {
  return () => spawnUtility(program);
}
