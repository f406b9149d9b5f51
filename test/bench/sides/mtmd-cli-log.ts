/** A line of llama.cpp's log with `--log-timestamps --log-prefix`, and when it came. */
export interface LogLine {
  /** ms on this process's clock. */
  readonly arrivedMs: number;
  readonly text: string;
}

export interface MtmdCliTimings {
  readonly totalMs: number;
  /** Reading the image file, resizing, tokenising, and the few text tokens before the image. */
  readonly inputMs: number;
  readonly encodeMs: number;
  readonly imagePrefillMs: number;
  readonly textPrefillMs: number;
  readonly generateMs: number;
  readonly imageTokens: number;
}

/** ms since the program's start of "M.SS.mmm.uuu", as common/log.cpp writes it; undefined without one. */
export function stampOf(text: string): number | undefined {
  const found = /^(\d+)\.(\d{2})\.(\d{3})\.(\d{3}) /.exec(text);
  if (found === null) return undefined;
  const [minutes = 0, seconds = 0, ms = 0, us = 0] = found.slice(1).map(Number);
  return minutes * 60_000 + seconds * 1000 + ms + us / 1000;
}

/**
 * What llama-mtmd-cli (tools/mtmd/mtmd-cli.cpp) tells of its stages: by the stamps of its log lines, from "loading
 * model", which it prints when the model is loaded and the image is about to be read, to the line of its own summary.
 * @param firstTokenMs when the first token of the answer came, on the clock of `arrivedMs`
 * Throws if a line is missing.
 */
export function parseMtmdCli(lines: readonly LogLine[], firstTokenMs: number): MtmdCliTimings {
  const at = (pattern: RegExp): { line: LogLine; stamp: number; number: number } => {
    const line = lines.findLast(({ text }) => pattern.test(text));
    const stamp = line === undefined ? undefined : stampOf(line.text);
    if (line === undefined || stamp === undefined) {
      const said = lines.map(({ text }) => text).filter((text) => / [EW] /.test(text));
      throw new Error(`llama-mtmd-cli printed no line like ${pattern}. Its warnings:\n${said.join("\n")}`);
    }
    return { line, stamp, number: Number(pattern.exec(line.text)?.[1] ?? Number.NaN) };
  };
  const start = at(/main: loading model/);
  const encoding = at(/encoding mtmd batch/);
  const encoded = at(/mtmd batch encoding done in (\d+) ms/);
  const tokens = at(/decoding image batch \d+\/\d+, n_tokens_batch = (\d+)/);
  const prefilled = at(/image decoded \(batch \d+\/\d+\) in (\d+) ms/);
  const end = at(/llama_perf_context_print:\s+load time/);
  const textPrefillMs = Math.max(0, firstTokenMs - prefilled.line.arrivedMs);
  return {
    totalMs: end.stamp - start.stamp,
    inputMs: encoding.stamp - start.stamp,
    encodeMs: encoded.stamp - encoding.stamp,
    imagePrefillMs: prefilled.stamp - encoded.stamp,
    textPrefillMs,
    generateMs: end.stamp - prefilled.stamp - textPrefillMs,
    imageTokens: imageTokensOf(lines, tokens.number),
  };
}

/** An image larger than the batch is decoded in several: their tokens add up. */
function imageTokensOf(lines: readonly LogLine[], last: number): number {
  const counts = lines.flatMap(({ text }) => {
    const found = /decoding image batch \d+\/\d+, n_tokens_batch = (\d+)/.exec(text);
    return found === null ? [] : [Number(found[1])];
  });
  return counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : last;
}
