import type { BackendStatus, EngineState } from "../contract/api.ts";
import type { Machine } from "../contract/run.ts";
import type { Settings } from "../contract/settings.ts";

export interface DiagnosticsInput {
  readonly appVersion: string;
  readonly llamaCppRelease: string;
  readonly dataFolder: string;
  readonly machine: Machine;
  readonly settings: Settings;
  readonly engine: EngineState;
  readonly backends: readonly BackendStatus[];
  readonly models: readonly string[];
  readonly logFile: string;
  /** Oldest first. */
  readonly logLines: readonly string[];
  readonly home: string;
}

/** The text that a user copies into a bug report. The home folder, and so the user's name in it, reads "~". */
export function diagnosticsText(input: DiagnosticsInput): string {
  const { machine, engine } = input;
  const sections: ReadonlyArray<readonly [title: string, lines: readonly string[]]> = [
    [
      "Versions",
      [
        `Holoscope ${input.appVersion}`,
        `llama.cpp ${input.llamaCppRelease}`,
        ...["electron", "chrome", "node"].flatMap((name) => {
          const version = process.versions[name];
          return version === undefined ? [] : [`${name} ${version}`];
        }),
      ],
    ],
    [
      "Machine",
      [
        `${machine.platform} ${machine.arch} ${machine.osRelease}`,
        `${machine.cpu}, ${machine.physicalCores} cores, ${machine.logicalCores} logical`,
        `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB of memory`,
      ],
    ],
    ["Data folder", [input.dataFolder]],
    ["Settings", [JSON.stringify(input.settings)]],
    ["Engine", [JSON.stringify(engine)]],
    ["Backends", input.backends.map(({ backend, reason }) => `${backend}: ${reason}`)],
    ["Models", input.models],
    [`Log (${input.logFile})`, input.logLines],
  ];
  const text = sections.map(([title, lines]) => [`## ${title}`, ...lines].join("\n")).join("\n\n");
  return `${withoutHome(text, input.home)}\n`;
}

/** Also in its JSON spelling, in which Windows' backslashes are doubled. */
export function withoutHome(text: string, home: string): string {
  if (home.length < 2) return text;
  return text.replaceAll(JSON.stringify(home).slice(1, -1), "~").replaceAll(home, "~");
}
