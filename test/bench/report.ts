import os from "node:os";
import { quantileSorted, sort } from "d3-array";
import type { RunRecord } from "../../app/contract/index.ts";

/** Median and spread of a series of figures in one unit. */
export interface Spread {
  readonly median: number;
  readonly p5: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = sort(values);
  const at = (share: number): number => quantileSorted(sorted, share) ?? Number.NaN;
  return { median: at(0.5), p5: at(0.05), p95: at(0.95), min: at(0), max: at(1), runs: values.length };
}

export const formatSpread = ({ median, p5, p95, runs }: Spread): string =>
  `median ${median.toFixed(1)} ms, p5 ${p5.toFixed(1)}, p95 ${p95.toFixed(1)} (${runs} runs)`;

/** The lines that every benchmark begins with: machine, versions, sizes. */
export function describeSetup(run: RunRecord): string[] {
  const { machine, engine, model, result } = run;
  return [
    `machine   ${machine.cpu}, ${machine.physicalCores} cores, ${os.platform()} ${os.release()}, Node ${process.versions.node}`,
    `engine    llama.cpp ${engine?.llamaCppRelease ?? "unknown"} on ${engine?.backend ?? "unknown"}, ${result?.effective.threads ?? 0} threads, ${result?.effective.generateThreads ?? 0} to generate`,
    `model     ${model.name}: ${model.files.map(({ name, bytes }) => `${name} ${(bytes / 1e6).toFixed(1)} MB`).join(", ")}`,
    `image     ${run.image.width} x ${run.image.height} px, model input ${result?.input.width ?? 0} x ${result?.input.height ?? 0} px, ${result?.tokens.image ?? 0} image + ${result?.tokens.text ?? 0} text tokens, ${result?.tokens.generated ?? 0} generated`,
  ];
}

/** `--runs N` of the command line, else the default. */
export function runsArgument(otherwise: number): number {
  const at = process.argv.indexOf("--runs");
  const given = Number(process.argv[at + 1]);
  return at >= 0 && Number.isInteger(given) && given > 0 ? given : otherwise;
}
