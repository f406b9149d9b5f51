import type { AnsweredRun, BBox, RunRecord } from "../contract/index.ts";
import { elementsTable } from "./elements-table.ts";
import { formatCount, formatMs } from "./numbers.ts";
import { opProfileReport } from "./op-profile-report.ts";
import { repeatTable } from "./repeat-table.ts";
import { stagesTable } from "./stages-table.ts";
import { oneLine, styled, type Terminal } from "./terminal.ts";

function elementsLine(run: RunRecord): string {
  const found = formatCount(run.detections.length, "element");
  const below = run.belowThreshold.length;
  return below === 0 ? found : `${found}, ${below} more below the minimum confidence of ${run.settings.minConfidence}`;
}

/** Where the numbers come from: without it they compare with nothing. */
function originLine(run: RunRecord): string {
  const { engine, result, machine } = run;
  const effective = result?.effective;
  return [
    `${run.model.name} on ${engine?.backend ?? "no backend"}`,
    ...(effective?.vit === "windowed" ? ["encoder with windowed attention"] : []),
    ...(effective?.cpuAttention === true ? ["encoder with Holoscope's attention kernel"] : []),
    ...(effective ? [`${formatCount(effective.threads, "thread")} (${effective.generateThreads} to generate)`] : []),
    machine.cpu,
    ...(engine ? [`llama.cpp ${engine.llamaCppRelease}`] : []),
    `profile ${run.profile}`,
    ...(result ? [`model input ${result.input.width} × ${result.input.height} px`] : []),
  ].join(", ");
}

function firstElementLine(run: RunRecord): string {
  const first = run.result?.firstDetectionMs;
  return first === undefined ? "" : `first element after ${formatMs(first)} ms\n`;
}

const focusWords = { cropped: "changed region only", full: "full pass", unchanged: "nothing detected anew" } as const;

function regionText([x1, y1, x2, y2]: BBox): string {
  return `${x2 - x1} × ${y2 - y1} px at ${x1}, ${y1}`;
}

function focusLine({ focus }: RunRecord): string {
  if (focus === undefined) return "";
  const { outcome, reason, region, keptDetections, previousRunId } = focus;
  const where = region === undefined ? "" : ` ${regionText(region)};`;
  const kept = outcome === "full" ? "" : ` ${formatCount(keptDetections, "element")} kept of run ${previousRunId}.`;
  return `focus: ${focusWords[outcome]};${where} ${oneLine(reason)}${kept}\n`;
}

function reuseLine(run: RunRecord): string {
  const reuse = run.result?.reuse;
  if (reuse === undefined) return "";
  const what = reuse.kind === "kvPrefix" ? "as the language model has read it" : "as the encoder has seen it";
  return `the image was kept from an earlier run ${what} (${(reuse.bytes / 1024 / 1024).toFixed(1)} MiB)\n`;
}

/** Stages and what belongs to them; a cached answer has none, since nothing was run. */
function timesOf(terminal: Terminal, run: AnsweredRun): string {
  if (run.cached === undefined) return stagesTable(terminal, run) + firstElementLine(run) + reuseLine(run);
  const { runId, createdAt } = run.cached;
  const time = createdAt.slice(0, 19).replace("T", " ");
  return `cached: from run ${runId} of ${time} UTC; --no-cache detects again\n`;
}

/** What one image's finished runs say: elements of the last one, its stages or the statistics of all, and the origin. */
export function runReport(terminal: Terminal, runs: readonly AnsweredRun[]): string {
  const run = runs.at(-1);
  if (!run) return "";
  const { name, width, height } = run.image;
  const title = `${oneLine(name ?? run.image.id.slice(0, 12))}  ${width} × ${height} px`;
  const task = run.target === undefined ? "" : `target: ${oneLine(run.target)}\n`;
  const elements = run.detections.length === 0 ? "" : elementsTable(terminal, run.detections);
  const stages = runs.length > 1 ? repeatTable(terminal, runs) : timesOf(terminal, run);
  const warnings = run.warnings.map(({ message }) => `${styled(terminal, "yellow", "warning:")} ${oneLine(message)}\n`);
  return [
    `${styled(terminal, "bold", title)}\n${task}\n`,
    `${elements}${elementsLine(run)}\n\n`,
    focusLine(run),
    `${stages}\n`,
    `${styled(terminal, "dim", oneLine(originLine(run)))}\n`,
    ...(run.engine ? [`${styled(terminal, "dim", oneLine(run.engine.backendReason))}\n`] : []),
    ...warnings,
    ...(run.opProfile === undefined ? [] : [`\n${opProfileReport(terminal, run.opProfile)}`]),
  ].join("");
}
