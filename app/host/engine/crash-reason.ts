import { HoloscopeError } from "../../contract/index.ts";
import type { EngineExit } from "../types.ts";

/** What ggml prints before it aborts, then other lines that name an error; searched from the last line upwards. */
const tellingLines = [
  /GGML_ASSERT|GGML_ABORT/,
  /terminate called|what\(\):|std::bad_alloc|out of memory|CUDA error|Error\b[^:]*:|\berror:/i,
];

/** Exit codes by which a shell or Electron reports a signal (128 + its number). */
const signalOfCode: Readonly<Record<number, string>> = {
  132: "SIGILL",
  134: "SIGABRT",
  135: "SIGBUS",
  136: "SIGFPE",
  137: "SIGKILL",
  139: "SIGSEGV",
};

/** Signals that code raises by what it does, not another process. */
const faults: ReadonlySet<string> = new Set(["SIGILL", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV"]);
/** The machine, and not the model, is to blame: memory is used up, a driver failed. */
const notTheModel = /out of memory|bad_alloc|failed to allocate|CUDA error|device ?lost|vk::/i;
/** Windows reports an exception in native code as an NTSTATUS of severity "error". */
const leastNtStatus = 0xc0000000;

/** Whether native code ended the process, for no lack of memory and no failure of a driver. */
export function diedInNativeCode(exit: EngineExit, output: readonly string[]): boolean {
  const fault = faults.has(signalOf(exit) ?? "") || (exit.code !== null && exit.code >>> 0 >= leastNtStatus);
  return fault && !output.some((line) => notTheModel.test(line));
}

function signalOf({ signal, code }: EngineExit): string | undefined {
  return signal ?? (code === null ? undefined : signalOfCode[code]);
}

const restartHint = "Holoscope starts the engine again by itself.";

/** The line of the child's output that best explains why it died, without the build machine's folder names. */
function tellingLine(output: readonly string[]): string | undefined {
  for (const pattern of tellingLines) {
    const line = output.findLast((candidate) => pattern.test(candidate));
    if (line !== undefined)
      return line
        .trim()
        .replaceAll(/(?:[A-Za-z]:)?(?:[\\/][^\s\\/:]+)+[\\/]/g, "")
        .slice(0, 300);
  }
  return undefined;
}

/** ENGINE_CRASHED for an engine that ended without being asked to. `output`: the last lines it printed. */
export function crashError(exit: EngineExit, output: readonly string[]): HoloscopeError {
  const signal = signalOf(exit);
  const line = tellingLine(output);
  const { how, hint } = describeEnd(exit, signal);
  return new HoloscopeError(
    "ENGINE_CRASHED",
    `The engine process ${how}${line === undefined ? "." : `: ${line}`}`,
    hint,
    [`exit code ${exit.code ?? "none"}, signal ${signal ?? "none"}`, ...output].join("\n"),
  );
}

function describeEnd(exit: EngineExit, signal: string | undefined): { readonly how: string; readonly hint: string } {
  if (signal === "SIGKILL") {
    return {
      how: "was killed (SIGKILL)",
      hint: `This is often the system's out-of-memory killer: choose a smaller model or fewer image tokens. ${restartHint}`,
    };
  }
  if (signal === "SIGTERM" || signal === "SIGINT" || signal === "SIGHUP") {
    return { how: `was ended from outside (${signal})`, hint: restartHint };
  }
  if (signal !== undefined) {
    return {
      how: `aborted in native code (${signal})`,
      hint: `${restartHint} If it happens again with this model or image, copy the diagnostics and report it.`,
    };
  }
  if (exit.code === null) {
    return { how: "could not be started", hint: "Install Holoscope again; from source, run: npm run setup" };
  }
  // Windows reports an exception in native code as an NTSTATUS such as 0xC0000005.
  const code = exit.code > 255 ? `0x${exit.code.toString(16).toUpperCase()}` : String(exit.code);
  return {
    how: `ended unexpectedly (exit code ${code})`,
    hint: `${restartHint} If it happens again, copy the diagnostics and report it.`,
  };
}
