import { formatBytes } from "../../../app/presentation/numbers.ts";
import type { Spread } from "../report.ts";
import type { BenchResult, BenchStage, SideName, SideResult } from "../result.ts";

export const sideTitles: Readonly<Record<SideName, string>> = {
  holoscope: "Holoscope",
  bare: "bare libmtmd",
  "mtmd-cli": "llama-mtmd-cli",
  server: "llama-server",
};

export const stageTitles: Readonly<Record<BenchStage, string>> = {
  decode: "- decode",
  preprocess: "- preprocess",
  input: "decode + preprocess",
  encode: "encode",
  imagePrefill: "prefill, image",
  textPrefill: "prefill, text",
  generate: "generate",
};

const stageOrder: readonly BenchStage[] = [
  "input",
  "decode",
  "preprocess",
  "encode",
  "imagePrefill",
  "textPrefill",
  "generate",
];

const number = (value: number): string => (Math.abs(value) < 100 ? value.toFixed(1) : Math.round(value).toString());
const cell = (spread: Spread | undefined, digits?: number): string => {
  if (spread === undefined) return "-";
  const text = (value: number): string => (digits === undefined ? number(value) : value.toFixed(digits));
  return `${text(spread.median)} (${text(spread.p5)}-${text(spread.p95)})`;
};
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map((_, at) => (at === 0 ? "---" : "---:"))),
  ...rows.map(row),
];

/** The result as Markdown: the machine, a table of stages, batches, growth, and what was left out. */
export function toMarkdown(result: BenchResult): string {
  const { sides, input, settings } = result;
  return [
    ...describe(result),
    "",
    `ms, median of ${settings.runs} runs (5th-95th percentile), the sides in turns:`,
    "",
    ...table(["", ...sides.map(({ name }) => sideTitles[name])], sideRows(sides)),
    "",
    ...sides.map(({ name, note }) => `- ${sideTitles[name]}: ${note}`),
    ...result.leftOut.map(({ name, reason }) => `- ${sideTitles[name]} was left out: ${reason}`),
    ...unlike(sides, input.imageTokens),
    ...batchLines(result),
    ...growthLines(result),
    "",
  ].join("\n");
}

/** Machine, versions, sizes. */
export function describe({ machine, versions, model, input, settings, loadAverage, createdAt }: BenchResult): string[] {
  const memory = formatBytes(machine.memoryBytes);
  const overrides = Object.entries(settings.overrides).map(([key, value]) => `${key}=${value}`);
  return [
    `- machine: ${machine.cpu}, ${machine.physicalCores} physical cores, ${memory}, ${machine.platform} ${machine.osRelease}; load average ${loadAverage.before.toFixed(1)} before, ${loadAverage.after.toFixed(1)} after`,
    `- versions: llama.cpp ${versions.llamaCpp} on ${versions.backend}, Node ${versions.node}; ${versions.devices.join("; ")}; ${createdAt}`,
    `- model: ${model.name}: ${model.files.map(({ name, bytes }) => `${name} (${formatBytes(bytes)})`).join(", ")}`,
    `- image: ${input.image}, ${input.width} x ${input.height} px, model input ${input.modelWidth} x ${input.modelHeight} px, ${input.imageTokens} image and ${input.textTokens} text tokens`,
    `- ${settings.newTokens} new tokens at most, greedy, the same grammar; ${settings.threads} threads, ${settings.generateThreads} to generate, context ${settings.contextTokens}, batch ${settings.batchTokens}${overrides.length === 0 ? "" : `; Holoscope with ${overrides.join(", ")}`}`,
  ];
}

function sideRows(sides: readonly SideResult[]): string[][] {
  const line = (title: string, of: (side: SideResult) => string): string[] => [title, ...sides.map(of)];
  return [
    ...stageOrder
      .filter((stage) => sides.some(({ stages }) => stages[stage] !== undefined))
      .map((stage) => line(stageTitles[stage], ({ stages }) => cell(stages[stage]))),
    line("**total**", ({ total }) => cell(total)),
    line("total / Holoscope's", ({ ratio }) => cell(ratio, 2)),
    line("wall clock of the caller", ({ wall }) => cell(wall)),
    line("first box", ({ firstBox }) => cell(firstBox)),
    line("second question, same image", ({ second }) => cell(second.total)),
    line("second / first", ({ second }) => cell(second.ofFirst, 2)),
    line("reused in the second", ({ second }) => second.reused.join(", ") || "nothing"),
    line("peak memory", ({ peakBytes }) => (peakBytes === undefined ? "-" : formatBytes(peakBytes))),
    line("image tokens", ({ imageTokens }) => String(imageTokens ?? "-")),
    line("new tokens", ({ newTokens }) => String(newTokens)),
    line("answers like Holoscope's", ({ sameAnswers, total }) => `${sameAnswers} of ${total.runs}`),
  ];
}

/** Differences that make a comparison unfair, said in words. */
function unlike(sides: readonly SideResult[], imageTokens: number): string[] {
  const tokens = sides[0]?.newTokens;
  return sides.flatMap(({ name, ...side }) => [
    ...(side.imageTokens !== undefined && side.imageTokens !== imageTokens
      ? [`- **Not alike:** ${sideTitles[name]} used ${side.imageTokens} image tokens, Holoscope ${imageTokens}.`]
      : []),
    ...(side.newTokens !== tokens
      ? [`- **Not alike:** ${sideTitles[name]} wrote ${side.newTokens} tokens, Holoscope ${tokens}.`]
      : []),
  ]);
}

function batchLines({ batches, sides }: BenchResult): string[] {
  if (batches.length === 0) return [];
  const names = sides.map(({ name }) => name);
  const rows = batches.map(({ images, msPerImage }) => [
    String(images),
    ...names.map((name) => {
      const ms = msPerImage[name];
      return ms === undefined ? "-" : `${number(ms)} (${(60_000 / ms).toFixed(1)}/min)`;
    }),
  ]);
  const steady = batches
    .filter(({ images }) => images > 1)
    .map(({ images, steadyPerSecond }) => [
      `${images}, steady`,
      ...names.map((name) => {
        const rate = steadyPerSecond[name];
        return rate === undefined ? "-" : `${rate.toFixed(2)}/s`;
      }),
    ]);
  return [
    "",
    "Batches, ms an image (images a minute); all images of a batch are handed over at once, where a side takes them so. Steady is images a second between the first answer and the last:",
    "",
    ...table(["images", ...names.map((name) => sideTitles[name])], [...rows, ...steady]),
  ];
}

function growthLines({ growth, sides }: BenchResult): string[] {
  const [first] = growth;
  if (first === undefined) return [];
  const names = sides.map(({ name }) => name);
  const value = (ms: number | undefined): string => (ms === undefined ? "-" : number(ms));
  const rows = growth.map(({ imageTokens, width, height, total, encode }) => [
    `${imageTokens} (${width} x ${height} px)`,
    ...names.map((name) => `${value(total[name])} (${value(encode[name])})`),
  ]);
  return [
    "",
    `Growth with image tokens, median total in ms (encode) of ${first.runs} runs; the screen stretched to a size that no side resizes:`,
    "",
    ...table(["image tokens", ...names.map((name) => sideTitles[name])], rows),
  ];
}
