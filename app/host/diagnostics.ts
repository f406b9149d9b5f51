import os from "node:os";
import type { DiagnosticsBundleParams } from "../contract/diagnostics.ts";
import type { DoctorReport } from "../contract/doctor.ts";
import { HoloscopeError } from "../contract/errors.ts";
import type { Doctor } from "./doctor/doctor.ts";
import { installedLlamaRelease } from "./llama-release.ts";
import { describeMachine } from "./machine.ts";
import type { HostParts } from "./parts.ts";
import { redact } from "./redact.ts";

/** Runs whose images' names are replaced; of older ones no line is left in the log. */
const runsWithNames = 1000;
/** ms that headers and backends may take to be looked at before the text does without them. */
const examinationMs = 15_000;

export interface DiagnosticsRequest extends DiagnosticsBundleParams {
  /** Let the doctor look at headers and backends if it has not looked at all since the application started. */
  readonly examine: boolean;
}

/** The text that a user copies into a bug report. What it says of the user himself is replaced unless he wants it in. */
export async function diagnosticsText(parts: HostParts, doctor: Doctor, request: DiagnosticsRequest): Promise<string> {
  const { options, log, settings, backends, supervisor, models, runs } = parts;
  const release = supervisor.lastInfo?.llamaCppRelease ?? (await installedLlamaRelease());
  const machine = describeMachine(settings.current.machineName, supervisor.lastInfo?.physicalCores);
  const report = await doctorLines(doctor, request.examine);
  const sections: ReadonlyArray<readonly [title: string, lines: readonly string[]]> = [
    ["Versions", [`Holoscope ${options.appVersion}`, `llama.cpp ${release}`, ...runtimeVersions()]],
    [
      "Machine",
      [
        `${machine.platform} ${machine.arch} ${machine.osRelease}`,
        `${machine.cpu}, ${machine.physicalCores} cores, ${machine.logicalCores} logical`,
        `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB of memory`,
      ],
    ],
    ["Data folder", [options.dataFolder]],
    ["Settings", [JSON.stringify(settings.current)]],
    ["Engine", [JSON.stringify(parts.engineState())]],
    ["Backends", (await backends.known()).map(({ backend, reason }) => `${backend}: ${reason}`)],
    ["Models", models.known.map(({ id, family, modelPath }) => `${id} (${family}): ${modelPath}`)],
    ["Doctor", report],
    [`Log (${log.file})`, await log.tail(request.logLines)],
  ];
  const text = sections.map(([title, lines]) => [`## ${title}`, ...lines].join("\n")).join("\n\n");
  const summaries = request.includeImageNames ? [] : await runs.list({ limit: runsWithNames });
  const redacted = redact(text, {
    home: os.homedir(),
    user: userName(),
    hostName: os.hostname(),
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

/** A system may know no name for the user that runs the application. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return "";
  }
}

async function doctorLines(doctor: Doctor, examine: boolean): Promise<string[]> {
  const known = doctor.lastReport;
  if (known !== undefined) return reportLines(known);
  return examine ? examined(doctor) : ["It was not asked yet."];
}

async function examined(doctor: Doctor): Promise<string[]> {
  const id = "diagnostics";
  const timer = setTimeout(() => doctor.cancel(id), examinationMs);
  try {
    return reportLines(await doctor.run({ id, depth: "files" }));
  } catch (error) {
    return [`It could not look: ${HoloscopeError.from(error).message}`];
  } finally {
    clearTimeout(timer);
  }
}

function reportLines(report: DoctorReport): string[] {
  return [JSON.stringify(report)];
}
