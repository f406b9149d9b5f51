import type { Context } from "hono";
import { HoloscopeError, imageLimits, runFileLimits } from "../contract/index.ts";
import type { ServerEnv } from "./gate.ts";

const MiB = 1024 * 1024;

/** Most bytes that a request body may have, by what is in it. */
export const bodyLimits = {
  image: imageLimits.maxBytes,
  /** The image in base64 (4/3 of its bytes, line breaks), and the other fields. */
  imageAsBase64: Math.ceil((imageLimits.maxBytes * 4) / 3) + 4 * MiB,
  multipart: imageLimits.maxBytes + MiB,
  call: 32 * MiB,
  /** `runs.import`: a run file's text is mostly base64, which grows no further when it is quoted as a JSON string. */
  runFile: runFileLimits.characters + 16 * MiB,
} as const;

function tooLarge(limit: number): HoloscopeError {
  return new HoloscopeError(
    "PAYLOAD_TOO_LARGE",
    `The request is larger than the ${Math.floor(limit / MiB)} MiB allowed here.`,
    `Images may have up to ${imageLimits.maxBytes / MiB} MiB.`,
  );
}

/** How much of an oversized body is read and thrown away, so that a client still sending gets to see the answer. */
const lingering = { ms: 500, bytes: 64 * MiB } as const;

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

async function discardRest(reader: BodyReader): Promise<void> {
  const deadline = setTimeout(() => void reader.cancel().catch(() => {}), lingering.ms);
  try {
    for (let size = 0; size < lingering.bytes; ) {
      const { done, value } = await reader.read();
      if (done) return;
      size += value.byteLength;
    }
  } catch {
    // The client went away; nobody is left to answer.
  } finally {
    clearTimeout(deadline);
  }
}

/**
 * Reads a request body of at most `limit` bytes. A larger one is never held in memory: it is refused by its
 * Content-Length, or as soon as the limit is passed. Throws PAYLOAD_TOO_LARGE; BAD_REQUEST if the client went away in the middle.
 */
export async function readBody(context: Context<ServerEnv>, limit: number): Promise<Buffer> {
  const announced = Number(context.req.header("content-length") ?? 0);
  const { body } = context.req.raw;
  if (body === null) return Buffer.alloc(0);
  const reader: BodyReader = body.getReader();
  if (announced > limit) {
    await discardRest(reader);
    throw tooLarge(limit);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new HoloscopeError("BAD_REQUEST", "The request ended before its body was complete.");
    });
    if (done) return Buffer.concat(chunks, size);
    size += value.byteLength;
    if (size > limit) {
      chunks.length = 0;
      await discardRest(reader);
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
}

/** Reads and parses a JSON body. Throws BAD_REQUEST naming what is wrong with the text. */
export async function readJson(context: Context<ServerEnv>, limit: number): Promise<unknown> {
  const body = await readBody(context, limit);
  if (body.byteLength === 0) throw new HoloscopeError("BAD_REQUEST", "The request has no body; JSON was expected.");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new HoloscopeError("BAD_REQUEST", `The request is not valid JSON: ${describe(error)}`);
  }
}

/** JSON.parse quotes the text around the mistake, which can be a long piece of somebody's image. */
function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 160);
}
