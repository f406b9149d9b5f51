import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../support/llama-server.ts";
import { upstreamArguments } from "./mtmd-cli.ts";
import type { LogLine } from "./mtmd-cli-log.ts";
import { parseEvents, parseServerLog, type ServerEvent } from "./server-answer.ts";
import { atOnce, type Measured, peakOf, type Side, type Work } from "./side.ts";

/** Where the image goes in the prompt: the server's own marker is random unless it is told one. */
const marker = "<__media__>";
const startTimeoutMs = 180_000;

/** llama.cpp's llama-server as a side: one slot, one process for all detections. */
export async function serverSide(work: Work): Promise<Side> {
  const port = await freePort();
  const args = [
    ...upstreamArguments(work),
    ...["--host", "127.0.0.1", "--port", String(port), "--parallel", "1", "--no-ui", "--cache-ram", "0"],
  ];
  const child = spawn(path.join(work.programs, "llama-server"), args, {
    cwd: work.bins,
    env: { ...process.env, LLAMA_MEDIA_MARKER: marker },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const lines: LogLine[] = [];
  let rest = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    const arrivedMs = performance.now();
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.map((text) => ({ arrivedMs, text })));
  });
  const address = `http://127.0.0.1:${port}`;
  await untilReady(address, () => child.exitCode !== null || child.signalCode !== null, lines);

  const ask = async (image: string, keep: boolean): Promise<Measured> => {
    const body = JSON.stringify({
      prompt: { prompt_string: work.prompt, multimodal_data: [(await readFile(image)).toString("base64")] },
      grammar: work.grammar,
      n_predict: work.newTokens,
      temperature: 0,
      cache_prompt: keep,
      stream: true,
    });
    lines.length = 0;
    const startMs = performance.now();
    const response = await fetch(`${address}/completion`, {
      method: "POST",
      // The server hangs up on a connection that was idle while the other sides had their turn.
      headers: { "content-type": "application/json", connection: "close" },
      body,
    });
    if (!response.ok || response.body === null) {
      throw new Error(`llama-server answered ${response.status}: ${await response.text()}`);
    }
    let text = "";
    let answer = "";
    let firstBoxMs: number | undefined;
    let last: ServerEvent | undefined;
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const parsed = parseEvents(text + chunk);
      text = parsed.rest;
      for (const event of parsed.events) {
        answer += event.content;
        last = event;
      }
      if (answer.includes("}")) firstBoxMs ??= performance.now() - startMs;
    }
    const totalMs = performance.now() - startMs;
    const timings = last?.timings;
    if (timings === undefined) throw new Error("llama-server's answer ended without timings");
    const log = parseServerLog(lines);
    return {
      totalMs,
      wallMs: totalMs,
      stages: {
        input: Math.max(0, totalMs - timings.prompt_ms - timings.predicted_ms),
        ...(log.encodeMs === undefined || log.imagePrefillMs === undefined
          ? { textPrefill: timings.prompt_ms }
          : {
              encode: log.encodeMs,
              imagePrefill: log.imagePrefillMs,
              textPrefill: timings.prompt_ms - log.encodeMs - log.imagePrefillMs,
            }),
        generate: timings.predicted_ms,
      },
      ...(firstBoxMs === undefined ? {} : { firstBoxMs }),
      ...(log.imageTokens === undefined ? {} : { imageTokens: log.imageTokens }),
      newTokens: timings.predicted_n,
      reused: log.encodeMs === undefined ? ["encode", "prefill"] : [],
      answer,
    };
  };
  return {
    name: "server",
    note:
      "llama.cpp's llama-server with one slot; the image goes over as base64, the second question with cache_prompt; " +
      "the same number of threads for the encoder and for generation",
    // Kept for the question after it; an image that is new has nothing to be taken from the last one but 7 tokens of text.
    first: (image) => ask(image, true),
    second: (image) => ask(image, true),
    batch: (images) => atOnce(images, (image) => ask(image, true)),
    peakBytes: () => peakOf(child.pid),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

async function untilReady(address: string, ended: () => boolean, lines: readonly LogLine[]): Promise<void> {
  const start = performance.now();
  for (;;) {
    const ready = await fetch(`${address}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    if (ended() || performance.now() - start > startTimeoutMs) {
      const tail = lines.slice(-15).map(({ text }) => text);
      throw new Error(`llama-server did not start:\n${tail.join("\n")}`);
    }
    await sleep(100);
  }
}
