import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import type { EngineChild, EngineExit } from "../../app/host/types.ts";
import { engineExit, utilityEngineSpawner } from "../../app/shell/spawn-utility.ts";
import { app, type FakeUtilityProcess, resetElectron, utilityProcess } from "../mocks/electron.ts";

beforeEach(() => {
  resetElectron();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function spawn(): { child: EngineChild; process: FakeUtilityProcess; exits: EngineExit[] } {
  const child = utilityEngineSpawner("/app/dist/engine/engine.js")();
  const process = utilityProcess.forked.at(-1);
  if (process === undefined) throw new Error("nothing was forked");
  const exits: EngineExit[] = [];
  child.onExit((exit) => exits.push(exit));
  return { child, process, exits };
}

describe("the engine as a utility process", () => {
  it("is forked with a name, piped output and a scrubbed environment", () => {
    vi.stubEnv("NODE_OPTIONS", "--inspect");
    vi.stubEnv("ELECTRON_RUN_AS_NODE", "1");
    vi.stubEnv("HOLOSCOPE_TEST", "kept");
    const { process } = spawn();
    expect(process.program).toBe("/app/dist/engine/engine.js");
    expect(process.options).toMatchObject({ stdio: ["ignore", "pipe", "pipe"], execArgv: [] });
    expect(process.options.serviceName).toMatch(/^Holoscope Engine \d+$/);
    expect(process.options.env).not.toHaveProperty("NODE_OPTIONS");
    expect(process.options.env).not.toHaveProperty("ELECTRON_RUN_AS_NODE");
    expect(process.options.env).toHaveProperty("HOLOSCOPE_TEST", "kept");
    expect(spawn().process.options.serviceName).not.toBe(process.options.serviceName);
  });

  it("passes messages and output both ways", () => {
    const { child, process } = spawn();
    const messages: unknown[] = [];
    const output: string[] = [];
    child.onMessage((message) => messages.push(message));
    child.onOutput((text) => output.push(text));
    child.post({ type: "unload", id: "1" });
    process.emit("message", { type: "log" });
    process.stdout.emit("data", "out");
    process.stderr.emit("data", "GGML_ASSERT failed");
    expect(process.postMessage.mock.calls).toEqual([[{ type: "unload", id: "1" }]]);
    expect(messages).toEqual([{ type: "log" }]);
    expect(output).toEqual(["out", "GGML_ASSERT failed"]);
  });

  it("tells its process id once it has spawned", () => {
    const { child, process } = spawn();
    expect(child.pid).toBeUndefined();
    process.spawned(4711);
    expect(child.pid).toBe(4711);
  });

  it("kills a child that had not spawned yet as soon as it has", () => {
    const { child, process } = spawn();
    child.kill();
    expect(process.kill).not.toHaveBeenCalled();
    process.spawned(4711);
    expect(process.kill).toHaveBeenCalledOnce();
  });

  it("reports a clean exit at once, also to whom asks later", () => {
    const { child, process, exits } = spawn();
    process.emit("exit", 0);
    expect(exits).toEqual([{ code: 0, signal: null }]);
    const late = vi.fn();
    child.onExit(late);
    expect(late.mock.calls).toEqual([[{ code: 0, signal: null }]]);
  });

  it.each(["before", "after"])("tells a kill from an exit when Electron's reason comes %s the exit", (order) => {
    const { process, exits } = spawn();
    const gone = (): boolean =>
      app.emit("child-process-gone", {}, { name: process.options.serviceName, reason: "killed", exitCode: 9 });
    if (order === "before") gone();
    process.emit("exit", 9);
    if (order === "after") gone();
    vi.runAllTimers();
    expect(exits).toEqual([{ code: null, signal: "SIGKILL" }]);
    expect(app.listenerCount("child-process-gone")).toBe(0);
  });

  it("does not take another child's end for its own", () => {
    const { process, exits } = spawn();
    app.emit("child-process-gone", {}, { name: "GPU", reason: "crashed", exitCode: 11 });
    process.emit("exit", 1);
    vi.runAllTimers();
    expect(exits).toEqual([{ code: 1, signal: null }]);
  });
});

describe("Electron's exit codes", () => {
  it.each([
    [1, undefined, "linux", { code: 1, signal: null }],
    [9, undefined, "linux", { code: 9, signal: null }],
    [256, "abnormal-exit", "linux", { code: 256, signal: null }],
    [9, "killed", "linux", { code: null, signal: "SIGKILL" }],
    [6, "crashed", "darwin", { code: null, signal: "SIGABRT" }],
    // Bit 7 says that a core was dumped.
    [134, "crashed", "linux", { code: null, signal: "SIGABRT" }],
    [0xc0000005, "crashed", "win32", { code: 0xc0000005, signal: "crashed" }],
    [0, "oom", "linux", { code: 0, signal: "oom" }],
  ] as const)("%d with reason %s on %s", (code, reason, platform, expected) => {
    expect(engineExit(code, reason, platform)).toEqual(expected);
  });
});
