import type { EngineResult, RunRecord } from "../../app/contract/index.ts";

/** What this machine's own engine tells of each run, and engines elsewhere do not. Throws if the run has not finished. */
export function localResult(result: RunRecord["result"]) {
  if (result?.model === undefined || result.memory === undefined)
    throw new Error("No result of this machine's engine.");
  const { model, memory } = result;
  return { ...result, model, memory };
}

/** The sizes and threads of a run of this machine's own engine. */
export function localResources({ effective }: Pick<EngineResult, "effective">) {
  const { contextTokens, batchTokens, threads, generateThreads } = effective;
  if (
    contextTokens === undefined ||
    batchTokens === undefined ||
    threads === undefined ||
    generateThreads === undefined
  )
    throw new Error("An engine of this machine tells all of these.");
  return { contextTokens, batchTokens, threads, generateThreads };
}
