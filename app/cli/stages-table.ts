import type { RunRecord, Stage, TokenCounts } from "../contract/index.ts";
import { formatMs, formatRate } from "./numbers.ts";
import { bar, type Column, renderTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Columns for the bars: what a narrow terminal leaves beside the numbers, never more than is pleasant. */
export function barWidthFor(terminal: Terminal): number {
  return Math.max(6, Math.min(24, terminal.width - 56));
}

const columns: readonly Column[] = [
  { title: "stage" },
  { title: "ms", align: "right" },
  { title: "%", align: "right" },
  { title: "", style: "cyan" },
  { title: "tokens", flexible: true, style: "dim" },
];

function percent(ms: number, total: number): string {
  return total > 0 ? ((100 * ms) / total).toFixed(1) : "";
}

function tokensAndRate(tokens: number, what: string, ms: number): string {
  if (tokens === 0) return "";
  const rate = formatRate(tokens, ms);
  return `${tokens} ${what}${rate === "" ? "" : `, ${rate}`}`;
}

/** Tells the calls of the model where they are fewer than the tokens. */
function generatedIn({ decoding }: TokenCounts): string {
  return decoding === undefined || decoding.accepted === 0 ? "generated" : `generated in ${decoding.calls} calls`;
}

/** What went through a stage. A reused stage has no speed, and what it would have handled is not counted again. */
function stageTokens(stage: Stage, run: RunRecord): string {
  const tokens = run.result?.tokens;
  if (!tokens || stage.reused) return "";
  if (stage.stage === "encode") return tokensAndRate(tokens.image, "image", stage.ms);
  if (stage.stage === "generate") return tokensAndRate(tokens.generated, generatedIn(tokens), stage.ms);
  if (stage.stage !== "prefill") return "";
  const imageKept = run.stages.some(({ stage: name, reused }) => name === "encode" && reused);
  const imageAgain = stage.parts?.some(({ name, ms }) => name === "image" && ms > 0) ?? false;
  return imageKept && !imageAgain
    ? tokensAndRate(tokens.text, "text", stage.ms)
    : tokensAndRate(tokens.image + tokens.text, "image + text", stage.ms);
}

function rows(stage: Stage, run: RunRecord, barWidth: number): string[][] {
  const line = stage.reused
    ? [stage.stage, "reused"]
    : [
        stage.stage,
        formatMs(stage.ms),
        percent(stage.ms, run.totalMs),
        bar(stage.ms / run.totalMs, barWidth),
        stage.overlappedMs === undefined
          ? stageTokens(stage, run)
          : `waited for; ${formatMs(stage.overlappedMs)} ms overlapped the run before`,
      ];
  const parts = (stage.parts ?? []).map((part) => [
    `  ${part.name}`,
    formatMs(part.ms),
    percent(part.ms, run.totalMs),
    bar(part.ms / run.totalMs, barWidth),
  ]);
  return [line, ...parts];
}

/** One line for each stage in the order they ran, its measured parts indented below it, and the total. */
export function stagesTable(terminal: Terminal, run: RunRecord): string {
  const total = ["total", formatMs(run.totalMs), run.totalMs > 0 ? "100.0" : ""];
  const barWidth = barWidthFor(terminal);
  return renderTable(terminal, columns, [...run.stages.flatMap((stage) => rows(stage, run, barWidth)), total]);
}
