import { spawn } from "node:child_process";
import path from "node:path";
import { type LogLine, parseMtmdCli } from "./mtmd-cli-log.ts";
import { inTurn, type Measured, peakOf, type Side, type Work } from "./side.ts";

/** Hands the text through as it is: the prompt is whole already. */
export const plainTemplate = "{% for message in messages %}{{ message.content }}{% endfor %}";

/** The options that llama.cpp's own programs share. */
export const upstreamArguments = (work: Work): string[] => [
  ...["--model", work.modelPath, "--mmproj", work.mmprojPath],
  // One number for the encoder and for generation: the physical cores, which is what the encoder needs.
  ...["--threads", String(work.threads), "--threads-batch", String(work.threads)],
  ...["--ctx-size", String(work.contextTokens)],
  ...["--batch-size", String(work.batchTokens), "--ubatch-size", String(work.batchTokens)],
  ...["--image-max-tokens", String(work.maxImageTokens), "--gpu-layers", "999"],
  ...["--no-warmup", "--jinja", "--chat-template", plainTemplate],
  ...["--log-timestamps", "--log-prefix", "--log-verbosity", "4"],
];

/** llama.cpp's llama-mtmd-cli as a side: a process for each detection. */
export function mtmdCliSide(work: Work): Side {
  let peak: number | undefined;
  const measure = async (image: string): Promise<Measured> => {
    const run = await runOnce(work, image);
    if (run.peakBytes !== undefined) peak = Math.max(peak ?? 0, run.peakBytes);
    return run.measured;
  };
  return {
    name: "mtmd-cli",
    note:
      "llama.cpp's llama-mtmd-cli, a process for each image; the total leaves out loading the model, the wall clock holds it; " +
      "the same number of threads for the encoder and for generation",
    first: measure,
    second: measure,
    batch: (images) => inTurn(images, measure),
    peakBytes: () => peak,
    end: async () => {},
  };
}

async function runOnce(work: Work, image: string): Promise<{ measured: Measured; peakBytes: number | undefined }> {
  const args = [
    ...upstreamArguments(work),
    ...["--image", image, "--grammar-file", work.grammarFile],
    // Not --file: that drops a line break at the end.
    ...["--no-escape", "--prompt", work.prompt],
    ...["--predict", String(work.newTokens), "--temp", "0"],
  ];
  const startMs = performance.now();
  const child = spawn(path.join(work.programs, "llama-mtmd-cli"), args, {
    cwd: work.bins, // it looks for the ggml backends beside itself and here
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: LogLine[] = [];
  let rest = "";
  let answer = "";
  let firstTokenMs: number | undefined;
  let firstBoxMs: number | undefined;
  let peakBytes: number | undefined;
  const observe = (): void => {
    peakBytes = Math.max(peakBytes ?? 0, peakOf(child.pid) ?? 0) || undefined;
  };
  const watch = setInterval(observe, 20);
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    const arrivedMs = performance.now();
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.map((text) => ({ arrivedMs, text })));
  });
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    answer += chunk;
    if (answer.trim() !== "") firstTokenMs ??= performance.now();
    if (answer.includes("}")) firstBoxMs ??= performance.now();
    observe();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(watch);
  const wallMs = performance.now() - startMs;
  if (code !== 0) {
    const tail = lines.slice(-15).map(({ text }) => text);
    throw new Error(`llama-mtmd-cli ended with ${code}:\n${tail.join("\n")}`);
  }
  const timings = parseMtmdCli(lines, firstTokenMs ?? performance.now());
  const began = lines.find(({ text }) => text.includes("main: loading model"))?.arrivedMs ?? startMs;
  const measured: Measured = {
    totalMs: timings.totalMs,
    wallMs,
    stages: {
      input: timings.inputMs,
      encode: timings.encodeMs,
      imagePrefill: timings.imagePrefillMs,
      textPrefill: timings.textPrefillMs,
      generate: timings.generateMs,
    },
    ...(firstBoxMs === undefined ? {} : { firstBoxMs: firstBoxMs - began }),
    imageTokens: timings.imageTokens,
    newTokens: generatedTokens(lines),
    reused: [],
    answer: answer.trim(),
  };
  return { measured, peakBytes };
}

/** "eval time = ... / 63 runs": one run for each token but the first, whose logits come from the prefill, and one more. */
export function generatedTokens(lines: readonly LogLine[]): number {
  const line = lines.findLast(({ text }) => /llama_perf_context_print:\s+eval time/.test(text));
  return Number(/\/\s*(\d+) runs/.exec(line?.text ?? "")?.[1] ?? 0) + 1;
}
