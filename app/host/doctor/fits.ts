import path from "node:path";
import { z } from "zod";
import { type Fit, fitSchema, HoloscopeError } from "../../contract/index.ts";
import { readGgufParts } from "../../gguf/read-parts.ts";
import { cancelledError } from "../abortable.ts";
import { applicationFolder } from "../resources-folder.ts";
import type { ProgramSpawner } from "../types.ts";
import type { FitQuestion } from "./fits-estimate.ts";

interface FitOptions {
  readonly signal: AbortSignal;
  readonly spawn: ProgramSpawner;
  /** The process's program; a test gives another one. */
  readonly program?: string;
  /** ms after which the process is ended; on an idle machine it needs a second, most of it to load node-llama-cpp. */
  readonly limitMs?: number;
}

const defaultLimitMs = 60_000;
/** ms later than that, the process ends itself if this one has died and so cannot. */
const orphanMs = 10_000;
/** MiB of JavaScript memory; a vocabulary of 150,000 words takes some 50. */
const maxHeapMb = 512;
/** UTF-16 units of what the process printed before it failed. */
const longestReason = 4000;

/**
 * Whether a model with its context fits at several image sizes, computed in a process that is ended when it takes too
 * long: what a header claims decides how long that is. The header is checked before. A thread would not do: when it ends,
 * node-llama-cpp's addon may throw where nothing can catch it, and that ends the whole process.
 * Errors: those of reading the header; ENGINE_TIMEOUT when the process was ended, CANCELLED, INTERNAL when it failed.
 */
export async function estimateFits(question: FitQuestion, options: FitOptions): Promise<Fit[]> {
  await readGgufParts(question.model.modelPath);
  const { signal, spawn, limitMs = defaultLimitMs } = options;
  const program = options.program ?? path.join(applicationFolder(), "dist", "main", "fits-worker.js");
  const limit = AbortSignal.timeout(limitMs);
  const ended = AbortSignal.any([signal, limit]);
  if (signal.aborted) throw cancelledError();
  const child = spawn(program, {
    args: [JSON.stringify(question), String(limitMs + orphanMs)],
    execArgv: [`--max-old-space-size=${maxHeapMb}`],
  });
  try {
    return await new Promise<Fit[]>((resolve, reject) => {
      let said = "";
      child.onOutput((text) => {
        said = (said + text).slice(-longestReason);
      });
      ended.addEventListener("abort", () => reject(limit.aborted ? tookTooLong(limitMs) : cancelledError()), {
        once: true,
      });
      child.onMessage((message) => {
        const fits = z.array(fitSchema).safeParse(message);
        if (fits.success) resolve(fits.data);
        else reject(failed(fits.error));
      });
      child.onExit(() => reject(failed(said || "it ended without an answer")));
    });
  } finally {
    child.kill();
  }
}

function tookTooLong(limitMs: number): HoloscopeError {
  return new HoloscopeError(
    "ENGINE_TIMEOUT",
    `The estimate of what fits took longer than ${Math.round(limitMs / 1000)} s and was ended.`,
    "Everything else in this report holds. If the machine was not busy, the model's header may be damaged: download it again.",
  );
}

function failed(reason: unknown): HoloscopeError {
  return new HoloscopeError("INTERNAL", "The estimate of what fits failed.", undefined, String(reason));
}
