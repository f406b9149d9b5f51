import { describe, expect, it } from "vitest";
import { generatedTokens } from "./mtmd-cli.ts";
import { type LogLine, parseMtmdCli, stampOf } from "./mtmd-cli-log.ts";
import { parseEvents, parseServerLog } from "./server-answer.ts";

/** As llama-mtmd-cli of llama.cpp v0.4.0 prints it. */
const cliLog = `0.00.065.325 I mtmd_cli_context: chat template example:
You are a helpful assistant
0.00.065.376 I main: loading model: model.gguf
0.00.065.632 W WARN: This is an experimental CLI for testing multimodal capability.
0.00.081.537 I encoding mtmd batch, n_chunks = 1 (done = 1, total = 3)
0.01.089.896 I mtmd batch encoding done in 1008 ms
0.01.089.972 I decoding image batch 1/1, n_tokens_batch = 920
0.01.205.241 I image decoded (batch 1/1) in 116 ms
0.01.264.602 I llama_perf_context_print:        load time =    1198.88 ms
0.01.264.622 I llama_perf_context_print: prompt eval time =    1142.62 ms /   980 tokens (    1.17 ms per token,   857.68 tokens per second)
0.01.264.636 I llama_perf_context_print:        eval time =      39.67 ms /    63 runs   (    0.63 ms per token,  1588.06 tokens per second)
0.01.264.648 I llama_perf_context_print:       total time =    1241.03 ms /  1043 tokens`;

/** Lines that arrive when they were printed, on a clock that began 5000 ms earlier. */
const linesOf = (log: string): LogLine[] =>
  log.split("\n").map((text) => ({ text, arrivedMs: 5000 + (stampOf(text) ?? 0) }));

describe("llama-mtmd-cli's log", () => {
  it("gives stages that add up to the total", () => {
    const timings = parseMtmdCli(linesOf(cliLog), 6217.241);
    expect(timings.totalMs).toBeCloseTo(1199.226, 3);
    expect(timings.inputMs).toBeCloseTo(16.161, 3);
    expect(timings.encodeMs).toBeCloseTo(1008.359, 3);
    expect(timings.imagePrefillMs).toBeCloseTo(115.345, 3);
    expect(timings.textPrefillMs).toBeCloseTo(12, 3);
    expect(timings.generateMs).toBeCloseTo(47.361, 3);
    expect(timings.imageTokens).toBe(920);
    const { totalMs, imageTokens, ...stages } = timings;
    expect(Object.values(stages).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(totalMs, 6);
  });

  it("adds up an image's batches", () => {
    const [before, after] = cliLog.split("0.01.205.241 I image decoded (batch 1/1) in 116 ms\n");
    const two = `${before}0.01.150.000 I image decoded (batch 1/2) in 60 ms
0.01.150.100 I decoding image batch 2/2, n_tokens_batch = 71
0.01.205.241 I image decoded (batch 2/2) in 55 ms
${after}`;
    const timings = parseMtmdCli(linesOf(two), 6217.241);
    expect(timings.imageTokens).toBe(991);
    expect(timings.imagePrefillMs).toBeCloseTo(115.345, 3);
  });

  it("counts the tokens it wrote", () => {
    expect(generatedTokens(linesOf(cliLog))).toBe(64);
  });

  it("is refused with the program's own warnings when a stage is missing", () => {
    const broken = cliLog.split("\n").filter((line) => !line.includes("encoding done"));
    expect(() => parseMtmdCli(linesOf(broken.join("\n")), 0)).toThrow(/encoding done.*\n.*experimental CLI/s);
  });

  it.each([
    ["1.02.003.004 I x", 62_003.004],
    ["12.00.000.500 I x", 720_000.5],
    ["no stamp", undefined],
  ])("%s is stamped %s", (text, ms) => {
    expect(stampOf(text)).toBe(ms);
  });
});

describe("llama-server's answer", () => {
  const timings = { cache_n: 0, prompt_n: 981, prompt_ms: 1853.089, predicted_n: 64, predicted_ms: 59.741 };
  const first = `data: ${JSON.stringify({ content: '[{"bbox', stop: false, index: 0 })}\n\n`;
  const last = `data: ${JSON.stringify({ content: "", stop: true, timings })}\n\n`;

  it("is read event by event, wherever the stream is cut", () => {
    const stream = first + last;
    for (let cut = 0; cut <= stream.length; cut++) {
      const one = parseEvents(stream.slice(0, cut));
      const two = parseEvents(one.rest + stream.slice(cut));
      const events = [...one.events, ...two.events];
      expect(events.map(({ content }) => content)).toEqual(['[{"bbox', ""]);
      expect(events[1]?.timings?.predicted_n).toBe(64);
      expect(two.rest).toBe("");
    }
  });

  it("is refused if it is of another form", () => {
    expect(() => parseEvents('data: {"error":{"message":"x"}}\n\n')).toThrow();
  });

  const log = `0.03.126.749 I slot process_mtmd: id  0 | task 0 | encoding mtmd batch from idx = 7, n_chunks = 1
0.04.794.144 I decoding image batch 1/1, n_tokens_batch = 920
0.04.958.092 I image decoded (batch 1/1) in 164 ms`;

  it("is completed by the log: encode and image prefill", () => {
    const { encodeMs, imagePrefillMs, imageTokens } = parseServerLog(linesOf(log));
    expect(encodeMs).toBeCloseTo(1667.395, 3);
    expect(imagePrefillMs).toBeCloseTo(163.948, 3);
    expect(imageTokens).toBe(920);
  });

  it("tells nothing of encode when the image was kept", () => {
    expect(parseServerLog(linesOf("0.05.116.613 I slot print_timing: id  0 | task 66 |"))).toEqual({});
  });
});
