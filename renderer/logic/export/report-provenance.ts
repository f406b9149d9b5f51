import type { TokenCounts } from "../../../app/contract/index.ts";
import { formatBytes, formatCount, formatMs } from "../../../app/presentation/numbers.ts";
import { backendName } from "../../../app/presentation/texts.ts";
import type { NamedRun, ReportTable } from "./report-table.ts";

/** Where one run's figures come from: enough to make the run again. */
export function provenanceTable({ name, run }: NamedRun): ReportTable {
  const { engine, machine, result, settings } = run;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Run", run.id],
    ["Made", run.createdAt],
    ["Holoscope", run.app.version],
    ["Machine", `${machine.name} (${machine.platform} ${machine.osRelease}, ${machine.arch})`],
    ["Processor", `${machine.cpu}, ${machine.physicalCores} cores, ${formatBytes(machine.memoryBytes)} of memory`],
    ["Backend", engine === undefined ? "none" : `${backendName(engine.backend)}: ${engine.backendReason}`],
    ["Devices", engine?.devices.map(({ description }) => description).join(", ")],
    ["llama.cpp", engine?.llamaCppRelease],
    ["Model", `${run.model.name} (${run.model.family})`],
    ...run.model.files.map(({ role, name: file, bytes, sha256 }): readonly [string, string] => [
      role === "model" ? "Language model file" : "Vision encoder file",
      `${file}, ${formatBytes(bytes)}, ${sha256 === null ? "SHA-256 not computed" : `SHA-256 ${sha256}`}`,
    ]),
    ["Image", `${run.image.name ?? "unnamed"}, ${run.image.width} × ${run.image.height} px, SHA-256 ${run.image.id}`],
    ["Task", run.mode === "locate" ? `Locate: ${run.target ?? ""}` : "Detect all elements"],
    [
      "Limits",
      `${formatCount(settings.maxImageTokens)} image tokens, ${formatCount(settings.maxNewTokens)} new tokens, ${formatCount(settings.maxDetections)} elements, confidence from ${settings.minConfidence}`,
    ],
    ["Flash attention", settings.flashAttention],
    ["Model input", result === undefined ? undefined : `${result.input.width} × ${result.input.height} px`],
    [
      "Tokens",
      result === undefined
        ? undefined
        : `${formatCount(result.tokens.image)} image, ${formatCount(result.tokens.text)} text, ${formatCount(result.tokens.generated)} generated${callsOf(result.tokens)}`,
    ],
    [
      "Threads",
      result?.effective.threads === undefined
        ? undefined
        : `${result.effective.threads}, ${result.effective.generateThreads} while generating`,
    ],
    ["First element after", result?.firstDetectionMs === undefined ? undefined : formatMs(result.firstDetectionMs)],
    ["Memory of the engine", result?.memory === undefined ? undefined : formatBytes(result.memory.residentBytes)],
  ];
  return {
    title: `Where the figures of ${name} come from`,
    columns: [{ text: "What" }, { text: "Value" }],
    rows: rows.flatMap(([what, value]) => (value === undefined || value === "" ? [] : [[what, value]])),
  };
}

/** How many calls of the model the answer took, where they are fewer than its tokens. */
function callsOf({ decoding }: TokenCounts): string {
  return decoding === undefined || decoding.accepted === 0 ? "" : ` in ${formatCount(decoding.calls)} calls`;
}
