import { type AnsweredRun, type BBox, type RunRecord, scaleOf } from "../contract/index.ts";
import { formatBytes, formatMs, plural } from "../presentation/numbers.ts";
import { focusTexts, lookText } from "../presentation/texts.ts";
import { scaleSourceTexts } from "../presentation/units.ts";
import { elementsTable } from "./elements-table.ts";
import { operatorTimesReport } from "./operator-times-report.ts";
import { repeatTable } from "./repeat-table.ts";
import { stagesTable } from "./stages-table.ts";
import { oneLine, styled, type Terminal } from "./terminal.ts";

function elementsLine(run: RunRecord): string {
  const found = plural(run.detections.length, "element");
  const below = run.belowThreshold.length;
  return below === 0 ? found : `${found}, ${below} more below the minimum confidence of ${run.settings.minConfidence}`;
}

/** Where the numbers come from, without which they cannot be compared. */
function originLine(run: RunRecord): string {
  const { engine, result, machine } = run;
  const effective = result?.effective;
  return [
    `${run.model.name} on ${engine?.endpoint?.name ?? engine?.backend ?? "no backend"}`,
    ...(effective?.vit === "windowed" ? ["encoder with windowed attention"] : []),
    ...(effective?.cpuAttention === true ? ["encoder with Holoscope's attention kernel"] : []),
    ...(effective?.threads === undefined
      ? []
      : [`${plural(effective.threads, "thread")} (${effective.generateThreads} to generate)`]),
    machine.cpu,
    ...(engine?.llamaCppRelease === undefined ? [] : [`llama.cpp ${engine.llamaCppRelease}`]),
    `profile ${run.profile}`,
    ...(result ? [`model input ${result.input.width} × ${result.input.height} px`] : []),
  ].join(", ");
}

function firstElementLine(run: RunRecord): string {
  const first = run.result?.firstDetectionMs;
  return first === undefined ? "" : `first element after ${formatMs(first)}\n`;
}

function regionText([x1, y1, x2, y2]: BBox): string {
  return `${x2 - x1} × ${y2 - y1} px at ${x1}, ${y1}`;
}

function focusLine({ focus }: RunRecord): string {
  if (focus === undefined) return "";
  const { outcome, reason, region, keptDetections, previousRunId } = focus;
  const where = region === undefined ? "" : ` ${regionText(region)};`;
  const kept = outcome === "full" ? "" : ` ${plural(keptDetections, "element")} kept of run ${previousRunId}.`;
  return `focus: ${focusTexts[outcome]};${where} ${oneLine(reason)}${kept}\n`;
}

function refineLines({ refinement = [] }: RunRecord): string {
  return refinement.map((step, index) => `look ${index + 1}: ${lookText(step)}\n`).join("");
}

function reuseLine(run: RunRecord): string {
  const reuse = run.result?.reuse;
  if (reuse === undefined) return "";
  const what = reuse.kind === "kvPrefix" ? "as the language model has read it" : "as the encoder has seen it";
  return `the image was kept from an earlier run ${what} (${formatBytes(reuse.bytes)})\n`;
}

/** Stages and what belongs to them; none for a cached answer, since nothing was run. */
function timesOf(terminal: Terminal, run: AnsweredRun): string {
  if (run.cached === undefined) return stagesTable(terminal, run) + firstElementLine(run) + reuseLine(run);
  const { runId, createdAt } = run.cached;
  const time = createdAt.slice(0, 19).replace("T", " ");
  return `cached: from run ${runId} of ${time} UTC; --no-cache detects again\n`;
}

/**
 * The report of one image's finished runs: elements of the last one, its stages or the statistics of all, and the
 * origin.
 */
export function runReport(terminal: Terminal, runs: readonly AnsweredRun[]): string {
  const run = runs.at(-1);
  if (!run) return "";
  const { name, width, height } = run.image;
  const scale = scaleOf(run.image);
  const scaled = scale.value === 1 ? "" : `, scale ${scale.value} (${scaleSourceTexts[scale.from]})`;
  const title = `${oneLine(name ?? run.image.id.slice(0, 12))}  ${width} × ${height} px${scaled}`;
  const task = run.target === undefined ? "" : `target: ${oneLine(run.target)}\n`;
  const elements = run.detections.length === 0 ? "" : elementsTable(terminal, run.detections, scale);
  const stages = runs.length > 1 ? repeatTable(terminal, runs) : timesOf(terminal, run);
  const warnings = run.warnings.map(({ message }) => `${styled(terminal, "yellow", "warning:")} ${oneLine(message)}\n`);
  return [
    `${styled(terminal, "bold", title)}\n${task}\n`,
    `${elements}${elementsLine(run)}\n\n`,
    focusLine(run),
    refineLines(run),
    `${stages}\n`,
    `${styled(terminal, "dim", oneLine(originLine(run)))}\n`,
    ...(run.engine ? [`${styled(terminal, "dim", oneLine(run.engine.backendReason))}\n`] : []),
    ...warnings,
    ...(run.opProfile === undefined ? [] : [`\n${operatorTimesReport(terminal, run.opProfile)}`]),
  ].join("");
}
