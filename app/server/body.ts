import type { Context } from "hono";
import { HoloscopeError, imageLimits, runFileLimits } from "../contract/index.ts";
import { formatBytes } from "../presentation/numbers.ts";
import type { ServerEnv } from "./gate.ts";
import { Gathered } from "./gathered.ts";
import type { ByteBudget, ByteLease } from "./load.ts";

const MiB = 1024 * 1024;

/** Most bytes of a request body, by its content. */
export const bodyLimits = {
  image: imageLimits.maxBytes,
  /** The image in base64 (4/3 of its bytes, plus line breaks), and the other fields. */
  imageAsBase64: Math.ceil((imageLimits.maxBytes * 4) / 3) + 4 * MiB,
  multipart: imageLimits.maxBytes + MiB,
  call: 32 * MiB,
  /** `runs.import`: a run file's text is mostly base64, which does not grow when quoted as a JSON string. */
  runFile: runFileLimits.characters + 16 * MiB,
} as const;

function tooLarge(limit: number): HoloscopeError {
  return new HoloscopeError(
    "PAYLOAD_TOO_LARGE",
    `The request is larger than the ${formatBytes(limit)} allowed here.`,
    `Images may have up to ${formatBytes(imageLimits.maxBytes)}.`,
  );
}

/** How much of an oversized body is read and discarded, so that a client that is still sending can read the answer. */
const lingering = { ms: 10_000, bytes: 128 * MiB } as const;

/** Content-Length; 0 for a body of unknown length. */
export function announcedLength(context: Context<ServerEnv>): number {
  return Number(context.req.header("content-length") ?? 0);
}

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
    // The client disconnected; there is nobody to answer.
  } finally {
    clearTimeout(deadline);
  }
}

/** ms without a byte after which a body is given up. */
const stalledMs = 30_000;

/** The next part of a body. Throws BAD_REQUEST if the client disconnects or stops sending. */
async function nextChunk(reader: BodyReader): Promise<Uint8Array | undefined> {
  let stalled = false;
  const deadline = setTimeout(() => {
    stalled = true;
    void reader.cancel().catch(() => {});
  }, stalledMs);
  try {
    const { done, value } = await reader.read();
    if (!done) return value;
  } catch {
    throw new HoloscopeError("BAD_REQUEST", "The request ended before its body was complete.");
  } finally {
    clearTimeout(deadline);
  }
  if (stalled) throw new HoloscopeError("BAD_REQUEST", "The request's body stopped coming.");
  return undefined;
}

/**
 * Passes the parts of a request body on as they arrive, at most `limit` bytes, counted on the lease. A larger body is
 * never held in memory: it is refused because of its Content-Length, or once the limit is exceeded. Throws
 * PAYLOAD_TOO_LARGE, BUSY, BAD_REQUEST, and what `take` throws.
 */
export async function eachChunk(
  context: Context<ServerEnv>,
  limit: number,
  lease: ByteLease,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const announced = announcedLength(context);
  const { body } = context.req.raw;
  if (body === null) return;
  const reader: BodyReader = body.getReader();
  try {
    if (announced > limit) throw tooLarge(limit);
    let size = 0;
    for (let chunk = await nextChunk(reader); chunk !== undefined; chunk = await nextChunk(reader)) {
      size += chunk.byteLength;
      if (size > limit) throw tooLarge(limit);
      await lease.grow(chunk.byteLength);
      take(chunk);
    }
  } catch (error) {
    lease.end();
    await discardRest(reader);
    throw error;
  }
}

/**
 * Reads a request body of at most `limit` bytes and has it used; its bytes count as held until then. Throws what
 * `eachChunk` and `use` throw.
 */
export async function withBody<T>(
  context: Context<ServerEnv>,
  limit: number,
  budget: ByteBudget,
  use: (body: Buffer) => T | Promise<T>,
): Promise<T> {
  const lease = budget.lease();
  try {
    return await use(await readBody(context, limit, lease));
  } finally {
    lease.end();
  }
}

async function readBody(context: Context<ServerEnv>, limit: number, lease: ByteLease): Promise<Buffer> {
  const body = new Gathered(announcedLength(context));
  try {
    await eachChunk(context, limit, lease, (chunk) => body.add(chunk));
    return body.take();
  } finally {
    body.drop();
  }
}

/** Parses a JSON body. Throws BAD_REQUEST naming what is wrong with the text. */
export function jsonOf(body: Buffer): unknown {
  if (body.byteLength === 0) throw new HoloscopeError("BAD_REQUEST", "The request has no body; JSON was expected.");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new HoloscopeError("BAD_REQUEST", `The request is not valid JSON: ${describe(error)}`);
  }
}

/** Shortens JSON.parse's message, which quotes the text around the error: it can be a long part of an image. */
function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 160);
}
