import { readFileSync } from "node:fs";
import type { BenchStage, SideName } from "../result.ts";

/** One detection as a side reports it. */
export interface Measured {
  /** ms from taking up the image file to the last token, without loading the model. */
  readonly totalMs: number;
  /** ms as the caller sees it. */
  readonly wallMs: number;
  readonly stages: Readonly<Partial<Record<BenchStage, number>>>;
  readonly firstBoxMs?: number;
  readonly imageTokens?: number;
  readonly newTokens: number;
  /** Stages that were skipped because an earlier run's result still stood. */
  readonly reused: readonly string[];
  readonly answer: string;
}

/** A program under measurement, held ready between its runs where it can be. */
export interface Side {
  readonly name: SideName;
  readonly note: string;
  /** A detection on an image file that this side has not seen, or not kept. */
  first(image: string): Promise<Measured>;
  /** Another question about the image of the last `first`. */
  second(image: string): Promise<Measured>;
  /** All images, handed over at once where the side takes them so; ms after which each answer was there, ascending. */
  batch(images: readonly string[]): Promise<readonly number[]>;
  /** Bytes; undefined where the system does not tell. */
  peakBytes(): number | undefined;
  end(): Promise<void>;
}

/** What every side is given, so that all do the same work. */
export interface Work {
  readonly modelPath: string;
  readonly mmprojPath: string;
  /** Folder with the program's own binaries, and the one with the ggml backends. */
  readonly programs: string;
  readonly bins: string;
  readonly prompt: string;
  readonly grammar: string;
  /** Files that hold the two. */
  readonly promptFile: string;
  readonly grammarFile: string;
  readonly threads: number;
  readonly generateThreads: number;
  readonly contextTokens: number;
  readonly batchTokens: number;
  readonly maxImageTokens: number;
  readonly newTokens: number;
}

/** The most resident memory a process has had so far, bytes (VmHWM; Linux only). */
export function peakOf(pid: number | undefined): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return found === null ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined; // no /proc, or the process has ended
  }
}

/** Images one after the other; as `Side.batch`. */
export async function inTurn(images: readonly string[], work: (image: string) => Promise<unknown>): Promise<number[]> {
  const start = performance.now();
  const ends: number[] = [];
  for (const image of images) {
    await work(image);
    ends.push(performance.now() - start);
  }
  return ends;
}

/** All images handed over at once; as `Side.batch`. */
export async function atOnce(images: readonly string[], work: (image: string) => Promise<unknown>): Promise<number[]> {
  const start = performance.now();
  const ends = images.map(async (image) => {
    await work(image);
    return performance.now() - start;
  });
  return (await Promise.all(ends)).sort((a, b) => a - b);
}
