import type { RunRecord, Stage, TokenCounts } from "../contract/index.ts";
import { formatCount, formatMs, formatRate, formatShare } from "../presentation/numbers.ts";
import { bar, type Column, renderTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Columns for the bars: the space that the numbers leave, up to a limit. */
export function barWidthFor(terminal: Terminal): number {
  return Math.max(6, Math.min(24, terminal.width - 60));
}

const columns: readonly Column[] = [
  { title: "stage" },
  { title: "time", align: "right" },
  { title: "share", align: "right" },
  { title: "", style: "cyan" },
  { title: "tokens", flexible: true, style: "dim" },
];

function share(ms: number, total: number): string {
  return total > 0 ? formatShare(ms / total) : "";
}

function tokensAndRate(tokens: number, what: string, ms: number): string {
  if (tokens === 0) return "";
  const rate = ms > 0 ? `, ${formatRate((tokens * 1000) / ms)}/s` : "";
  return `${formatCount(tokens)} ${what}${rate}`;
}

/** The number of model calls, if it is lower than that of the tokens. */
function generatedIn({ decoding }: TokenCounts): string {
  return decoding === undefined || decoding.accepted === 0 ? "generated" : `generated in ${decoding.calls} calls`;
}

/** The tokens of a stage and their speed. A reused stage has none: its tokens were not computed again. */
function stageTokens(stage: Stage, run: RunRecord): string {
  const tokens = run.result?.tokens;
  if (!tokens || stage.reused) return "";
  if (stage.stage === "encode") return tokensAndRate(tokens.image, "image", stage.ms);
  if (stage.stage === "generate") return tokensAndRate(tokens.generated, generatedIn(tokens), stage.ms);
  // Of several stages together nobody knows which tokens took which time.
  if (stage.stage !== "prefill" || stage.includes !== undefined) return "";
  const imageKept = run.stages.some(({ stage: name, reused }) => name === "encode" && reused);
  const imageAgain = stage.parts?.some(({ name, ms }) => name === "image" && ms > 0) ?? false;
  return imageKept && !imageAgain
    ? tokensAndRate(tokens.text, "text", stage.ms)
    : tokensAndRate(tokens.image + tokens.text, "image + text", stage.ms);
}

function rows(stage: Stage, run: RunRecord, barWidth: number): string[][] {
  const name = [...(stage.includes ?? []), stage.stage].join(" + ");
  const line = stage.reused
    ? [name, "reused"]
    : [
        name,
        formatMs(stage.ms),
        share(stage.ms, run.totalMs),
        bar(stage.ms / run.totalMs, barWidth),
        stage.overlappedMs === undefined
          ? stageTokens(stage, run)
          : `waited for; ${formatMs(stage.overlappedMs)} overlapped the run before`,
      ];
  const parts = (stage.parts ?? []).map((part) => [
    `  ${part.name}`,
    formatMs(part.ms),
    share(part.ms, run.totalMs),
    bar(part.ms / run.totalMs, barWidth),
  ]);
  return [line, ...parts];
}

/** One line for each stage in the order they ran, its measured parts indented below it, and the total. */
export function stagesTable(terminal: Terminal, run: RunRecord): string {
  const total = ["total", formatMs(run.totalMs), share(run.totalMs, run.totalMs)];
  const barWidth = barWidthFor(terminal);
  return renderTable(terminal, columns, [...run.stages.flatMap((stage) => rows(stage, run, barWidth)), total]);
}
