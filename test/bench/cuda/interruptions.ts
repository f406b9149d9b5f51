import { type Phase, profiles, type RunRecord } from "../../../app/contract/index.ts";
import { spreadOf } from "../report.ts";
import { type Checks, gigabytes, gpuMemoryUsed, sleep, waitUntil } from "./checks.ts";
import { type ShapedPair, shapedRequest } from "./shapes.ts";

/**
 * A cancelled run ends after the group of graph nodes that is running, and in prefill after the whole image. Before its
 * first node an encode fills the attention mask on one CPU thread: most of half a second for 2,691 tokens, which nothing
 * interrupts.
 */
const soonMs = 1000;
const memoryBackMs = 5000;
/** bytes that other programs may take or give back meanwhile */
const memoryNoise = 300e6;

/** Cancels detections in each phase that computes; the engine must go on, and answer as before. */
export async function checkCancelling(checks: Checks, pair: ShapedPair, runs: number): Promise<void> {
  const { real } = pair;
  const before = await real.run(shapedRequest(pair, full(pair)));
  const engines = real.engines.length;
  for (const phase of ["encode", "prefill", "generate"] as const) {
    const latencies: number[] = [];
    const states = new Set<string>();
    for (let i = 0; i < runs; i++) {
      // At different points of the phase.
      const { runId, done } = await startAndReach(pair, phase, (i * stageMs(before, phase) * 0.8) / runs);
      const start = performance.now();
      await real.host.call("runs.cancel", { runId });
      const run = await done;
      latencies.push(performance.now() - start);
      states.add(run.error?.code ?? run.status);
    }
    const { median, p95 } = spreadOf(latencies);
    checks.check(
      `cancelled in ${phase}`,
      [...states].join() === "CANCELLED" && p95 < soonMs,
      `${[...states].join(", ")} after ${median.toFixed(1)} ms, at most ${Math.max(...latencies).toFixed(1)} (${runs} runs)`,
    );
  }
  checkSameAnswer(checks, "the run after cancelled ones", before, await real.run(shapedRequest(pair, full(pair))));
  checks.check("cancelling needs no new engine", real.engines.length === engines, `${real.engines.length - engines}`);
}

/** Kills the engine while it computes on the GPU, and looks for its memory. */
export async function checkKilling(checks: Checks, pair: ShapedPair): Promise<void> {
  const { real, memoryBefore } = pair;
  const before = await real.run(shapedRequest(pair, full(pair)));
  const used = gpuMemoryUsed() - memoryBefore;
  const { done } = await startAndReach(pair, "encode", 50);
  const pid = real.engines.at(-1)?.pid;
  if (pid === undefined) throw new Error("There is no engine to kill.");
  process.kill(pid, "SIGKILL");
  const back = await waitUntil(() => gpuMemoryUsed() - memoryBefore < used / 4, memoryBackMs);
  const run = await done;
  checks.check("a killed engine is reported", run.error?.code === "ENGINE_CRASHED", `${run.error?.message}`);
  checks.check(
    "a killed engine's memory comes back",
    back !== undefined,
    back === undefined
      ? `${gigabytes(gpuMemoryUsed() - memoryBefore)} still used`
      : `${gigabytes(used)} after ${back.toFixed(0)} ms`,
  );
  checkSameAnswer(checks, "the run after a killed engine", before, await real.run(shapedRequest(pair, full(pair))));
  await real.host.call("models.unload", {});
  await sleep(200);
  const idle = gpuMemoryUsed() - memoryBefore;
  checks.check("an unloaded model's memory comes back", idle < 2e9, `${gigabytes(idle)} left to the idle engine`);
}

/** After the host is closed nothing of it may be left on the GPU. */
export async function checkNothingLeft(checks: Checks, memoryBefore: number): Promise<void> {
  await waitUntil(() => gpuMemoryUsed() - memoryBefore < memoryNoise, memoryBackMs);
  const left = gpuMemoryUsed() - memoryBefore;
  checks.check("nothing is left on the GPU after closing", left < memoryNoise, gigabytes(left));
}

const full = ({ limits: [maxImageTokens] }: ShapedPair) => ({ maxImageTokens });

const stageMs = (run: RunRecord, stage: string): number => run.stages.find((one) => one.stage === stage)?.ms ?? 0;

/** Starts a long detection and resolves `delayMs` after a phase of it began. */
async function startAndReach(pair: ShapedPair, phase: Phase, delayMs: number) {
  const { host } = pair.real;
  let reached = (): void => {};
  const reaching = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const stop = host.on("run.progress", (progress) => {
    if (progress.phase === phase) reached();
  });
  const started = await host.detect(
    shapedRequest(pair, { ...full(pair), maxNewTokens: profiles.balanced.maxNewTokens }),
  );
  await Promise.race([reaching, started.done]);
  stop();
  await sleep(delayMs);
  return started;
}

function checkSameAnswer(checks: Checks, what: string, before: RunRecord, after: RunRecord): void {
  const same = after.result !== undefined && after.result.rawOutput === before.result?.rawOutput;
  checks.check(
    `${what} answers as before`,
    same,
    after.error === undefined ? `${after.result?.tokens.generated} tokens` : after.error.message,
  );
}
