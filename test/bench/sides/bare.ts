import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { inTurn, type Measured, peakOf, type Side, type Work } from "./side.ts";

export const bareRunSchema = z.object({
  decodeMs: z.number(),
  prepareMs: z.number(),
  encodeMs: z.number(),
  prefillMs: z.number(),
  imagePrefillMs: z.number(),
  generateMs: z.number(),
  totalMs: z.number(),
  /** -1 if there was none. */
  firstBoxMs: z.number(),
  imageTokens: z.int(),
  tokens: z.int(),
  answer: z.string(),
});
export type BareRun = z.infer<typeof bareRunSchema>;

/** test/bench/bare.cpp, held open: it makes one run for each line it reads. */
export class Bare {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  /** @param programs folder of the built program */
  constructor(programs: string, options: Readonly<Record<string, string | number>>) {
    const name = process.platform === "win32" ? "holoscope-bare.exe" : "holoscope-bare";
    const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]);
    this.#child = spawn(path.join(programs, name), args);
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @param image the file to take instead of the one it was started with */
  async run(image = "run"): Promise<BareRun> {
    this.#child.stdin.write(`${image}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error("holoscope-bare ended early; its message stands above");
    return bareRunSchema.parse(JSON.parse(line.value));
  }

  end(): void {
    this.#child.stdin.end();
  }
}

/** The options of the bare program for a piece of work. */
export const bareOptions = (work: Work): Record<string, string | number> => ({
  model: work.modelPath,
  mmproj: work.mmprojPath,
  prompt: work.promptFile,
  grammar: work.grammarFile,
  bins: work.bins,
  "encode-threads": work.threads,
  "prefill-threads": work.threads,
  "generate-threads": work.generateThreads,
  context: work.contextTokens,
  batch: work.batchTokens,
  "image-max-tokens": work.maxImageTokens,
  "max-tokens": work.newTokens,
});

/** A bare program over libmtmd as a side. */
export function bareSide(work: Work): Side {
  const bare = new Bare(work.programs, bareOptions(work));
  const measure = async (image: string): Promise<Measured> => {
    const start = performance.now();
    const run = await bare.run(image);
    return {
      totalMs: run.totalMs,
      wallMs: performance.now() - start,
      stages: {
        decode: run.decodeMs,
        preprocess: run.prepareMs,
        input: run.decodeMs + run.prepareMs,
        encode: run.encodeMs,
        imagePrefill: run.imagePrefillMs,
        textPrefill: run.prefillMs - run.imagePrefillMs,
        generate: run.generateMs,
      },
      ...(run.firstBoxMs < 0 ? {} : { firstBoxMs: run.firstBoxMs }),
      imageTokens: run.imageTokens,
      newTokens: run.tokens,
      reused: [],
      answer: run.answer,
    };
  };
  return {
    name: "bare",
    note: "C++ over libmtmd and libllama (test/bench/bare.cpp), greedy, with persistent thread pools as in Holoscope",
    first: measure,
    second: measure,
    batch: (images) => inTurn(images, measure),
    peakBytes: () => peakOf(bare.pid),
    end: async () => bare.end(),
  };
}
