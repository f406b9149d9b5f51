import os from "node:os";
import { type DiagnosticsBundleParams, type EngineState, HoloscopeError } from "../../contract/index.ts";
import { formatBytes } from "../../presentation/numbers.ts";
import { installedLlamaRelease } from "../engine/llama-release.ts";
import { describeMachine } from "../machine.ts";
import type { HostOptions } from "../types.ts";
import type { Doctor } from "./doctor.ts";
import type { DoctorParts } from "./parts.ts";
import { redact } from "./redact.ts";

/** How many of the newest runs have their image names replaced; the log has no lines of older ones. */
const runsWithNames = 1000;
/** ms after which the text leaves out an examination that has not finished. */
const examinationMs = 15_000;

interface DiagnosticsParts
  extends Pick<DoctorParts, "settings" | "backends" | "supervisor" | "models" | "runs" | "log"> {
  readonly options: Pick<HostOptions, "appVersion" | "dataFolder">;
  readonly doctor: Doctor;
  engineState(): EngineState;
}

interface DiagnosticsRequest extends DiagnosticsBundleParams {
  /** Let the doctor examine headers and backends if it has not examined anything since the application started. */
  readonly examine: boolean;
}

/** The text that a user copies into a bug report. Personal information is replaced unless the request includes it. */
export async function diagnosticsText(parts: DiagnosticsParts, request: DiagnosticsRequest): Promise<string> {
  const { options, log, settings, backends, supervisor, models, runs } = parts;
  const release = supervisor.lastInfo?.llamaCppRelease ?? (await installedLlamaRelease());
  const machine = describeMachine(settings.current.machineName, supervisor.lastInfo?.physicalCores);
  const report = await doctorLine(parts.doctor, request.examine);
  const sections: ReadonlyArray<readonly [title: string, lines: readonly string[]]> = [
    ["Versions", [`Holoscope ${options.appVersion}`, `llama.cpp ${release}`, ...runtimeVersions()]],
    [
      "Machine",
      [
        `${machine.platform} ${machine.arch} ${machine.osRelease}`,
        `${machine.cpu}, ${machine.physicalCores} cores, ${machine.logicalCores} logical`,
        `${formatBytes(machine.memoryBytes)} of memory`,
      ],
    ],
    ["Data folder", [options.dataFolder]],
    ["Settings", [JSON.stringify(settings.current)]],
    ["Engine", [JSON.stringify(parts.engineState())]],
    ["Backends", (await backends.known()).map(({ backend, reason }) => `${backend}: ${reason}`)],
    ["Models", models.known.map(({ id, family, modelPath }) => `${id} (${family}): ${modelPath}`)],
    ["Doctor", [report]],
    [`Log (${log.file})`, await log.tail(request.logLines)],
  ];
  const text = sections.map(([title, lines]) => [`## ${title}`, ...lines].join("\n")).join("\n\n");
  const summaries = request.includeImageNames ? [] : await runs.list({ limit: runsWithNames });
  const redacted = redact(text, {
    home: os.homedir(),
    user: userName(),
    hostName: os.hostname(),
    dataFolder: options.dataFolder,
    imageNames: summaries.flatMap(({ imageName }) => imageName ?? []),
    keepPaths: request.includePaths,
    keepImageNames: request.includeImageNames,
  });
  return `${redacted}\n`;
}

/** "holoscope-diagnostics-20261005-142301.txt", UTC. */
export function diagnosticsFileName(now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return `holoscope-diagnostics-${stamp}.txt`;
}

function runtimeVersions(): string[] {
  return ["electron", "chrome", "node"].flatMap((name) => {
    const version = process.versions[name];
    return version === undefined ? [] : [`${name} ${version}`];
  });
}

/** The system may have no name for the current user. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return "";
  }
}

async function doctorLine(doctor: Doctor, examine: boolean): Promise<string> {
  if (doctor.lastReport !== undefined) return JSON.stringify(doctor.lastReport);
  if (!examine) return "No report was made yet.";
  const id = "diagnostics";
  const timer = setTimeout(() => doctor.cancel(id), examinationMs);
  try {
    return JSON.stringify(await doctor.run({ id, depth: "files" }));
  } catch (error) {
    return `The examination failed: ${HoloscopeError.from(error).message}`;
  } finally {
    clearTimeout(timer);
  }
}
