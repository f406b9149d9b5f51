import { sum } from "d3-array";
import { type RunRecord, type StageName, stageNames } from "../../../app/contract/index.ts";
import { measuredMs } from "../statistics/run-figures.ts";
import { jsonLine } from "./escape.ts";

/** llama-bench's numbers for "auto", "off" and "on". */
const flashAttention = { auto: -1, off: 0, on: 1 } as const;

const nanoseconds = (ms: number): number => Math.round(ms * 1e6);

/**
 * A benchmark as JSON lines, one for each finished run. What llama-bench reports too has its name and meaning
 * (`tools/llama-bench` of llama.cpp: cpu_info, gpu_info, backends, model_filename, model_type, model_size in bytes of
 * tensors, model_n_params, n_batch, n_ubatch, n_threads, n_gpu_layers, flash_attn, n_prompt, n_gen, test_time); times
 * are in ns, rates in tokens/s as there. A stage whose result was reused, or that never ran, is null.
 */
export function benchmarkJsonl(runs: readonly RunRecord[]): string {
  return runs
    .filter(({ status }) => status === "done")
    .map((run) => `${jsonLine(benchmarkLine(run))}\n`)
    .join("");
}

function benchmarkLine(run: RunRecord): Record<string, unknown> {
  const { engine, result } = run;
  const file = run.model.files.find(({ role }) => role === "model");
  const projector = run.model.files.find(({ role }) => role === "mmproj");
  const ms = (name: StageName) => measuredMs(run, name);
  const tokens = result?.tokens;
  const prompt = tokens === undefined ? undefined : tokens.image + tokens.text;
  return {
    llama_cpp_release: engine?.llamaCppRelease,
    cpu_info: run.machine.cpu,
    gpu_info: (engine?.devices ?? [])
      .filter(({ type }) => type !== "cpu")
      .map(({ description }) => description)
      .join(", "),
    backends: engine?.backend.toUpperCase(),
    model_filename: file?.name,
    mmproj_filename: projector?.name,
    model_type: result?.model?.description,
    model_size: file && sum(Object.values(file.tensorTypes), ({ bytes }) => bytes),
    model_n_params: result?.model?.parameters,
    n_batch: result?.effective.batchTokens,
    n_ubatch: result?.effective.batchTokens,
    n_threads: result?.effective.threads,
    n_threads_generate: result?.effective.generateThreads,
    n_gpu_layers: run.settings.gpuLayers,
    flash_attn: flashAttention[run.settings.flashAttention],
    n_prompt: prompt,
    n_image: tokens?.image,
    n_gen: tokens?.generated,
    test_time: run.createdAt,
    total_ns: nanoseconds(run.totalMs),
    ...Object.fromEntries(
      stageNames.map((name) => {
        const measured = ms(name);
        return [`${name}_ns`, measured === undefined ? null : nanoseconds(measured)];
      }),
    ),
    prompt_ts: rate(prompt, ms("prefill")),
    gen_ts: rate(tokens?.generated, ms("generate")),
    run_id: run.id,
    machine: run.machine.name,
    profile: run.profile,
    mode: run.mode,
    image_sha256: run.image.id,
    image_width: run.image.width,
    image_height: run.image.height,
    n_elements: run.detections.length,
    repeat_group: run.repeat?.group,
    repeat_index: run.repeat?.index,
    repeat_of: run.repeat?.of,
  };
}

/** Tokens/s; undefined where there is no time or no token to divide by. */
function rate(tokens: number | undefined, ms: number | undefined): number | undefined {
  return tokens === undefined || tokens === 0 || ms === undefined || ms === 0 ? undefined : (tokens * 1000) / ms;
}
