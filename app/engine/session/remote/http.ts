import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { z } from "zod";
import { HoloscopeError, type Retry } from "../../../contract/index.ts";

/** A server elsewhere and how it is spoken to. */
export interface Server {
  /** Base address, as the user gave it. */
  readonly url: string;
  /** Sent as a bearer token; in no message of an error. */
  readonly key?: string | undefined;
  readonly signal: AbortSignal;
  /** ms without a byte after which a connection is given up. */
  readonly idleMs: number;
}

/** Longest answer that is not streamed, and longest line of one that is. bytes */
const mostBytes = 8 * 1024 * 1024;
/** Statuses after which the same request may well succeed later, or on another server. */
const busyStatuses: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/** The address of a path below the base address, which may itself have a path. */
function addressOf({ url }: Pick<Server, "url">, path: string): URL {
  const base = new URL(url);
  base.pathname = base.pathname.replace(/\/$/, "") + path;
  return base;
}

/** Host and port, the only part of the address that is shown and recorded. */
export function hostOf({ url }: Pick<Server, "url">): string {
  return new URL(url).host;
}

/**
 * Sends one request; resolves with an answer of status 200.
 * @param onSent called when the last byte of the body was handed to the system
 * Errors: CANCELLED; ENDPOINT_UNREACHABLE and ENDPOINT_BUSY, which may be retried; UNAUTHORIZED; ENDPOINT_FAILED.
 */
export async function send(
  server: Server,
  path: string,
  body?: unknown,
  onSent?: () => void,
): Promise<IncomingMessage> {
  const response = await open(server, path, body, onSent);
  if (response.statusCode === 200) return response;
  throw await refusal(server, path, response);
}

/** The whole answer as JSON that fits a schema. Errors: as {@link send}. */
export async function ask<T>(server: Server, path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
  const text = await wholeText(server, await send(server, path, body));
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw strange(server, `its answer to ${path} is not what such a server gives`, text);
}

function open(server: Server, path: string, body: unknown, onSent?: () => void): Promise<IncomingMessage> {
  const { key, signal, idleMs } = server;
  const url = addressOf(server, path);
  const data = body === undefined ? undefined : Buffer.from(JSON.stringify(body), "utf8");
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? https : http).request(url, {
      method: data === undefined ? "GET" : "POST",
      // A connection that was idle may just be closed by the server.
      agent: false,
      signal,
      headers: {
        accept: "application/json, text/event-stream",
        "user-agent": "holoscope",
        ...(data === undefined ? {} : { "content-type": "application/json", "content-length": data.byteLength }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
    });
    request.setTimeout(idleMs, () => request.destroy(new Error(`nothing came for ${idleMs / 1000} s`)));
    request.once("response", resolve);
    request.once("error", (error) => reject(connectionError(server, error)));
    request.once("finish", () => onSent?.());
    request.end(data);
  });
}

/** The lines of a streamed answer, without those that are empty. Errors: as {@link send}. */
export async function* lines(server: Server, response: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > mostBytes) throw strange(server, "a line of its answer does not end", rest);
      for (const part of parts) if (part.trim() !== "") yield part;
    }
    if (rest.trim() !== "") yield rest;
  } catch (error) {
    throw error instanceof HoloscopeError ? error : connectionError(server, error);
  } finally {
    response.destroy();
  }
}

async function wholeText(server: Server, response: IncomingMessage): Promise<string> {
  let text = "";
  try {
    for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) {
      text += chunk;
      if (text.length > mostBytes) throw strange(server, "its answer does not end", text);
    }
  } catch (error) {
    throw error instanceof HoloscopeError ? error : connectionError(server, error);
  } finally {
    response.destroy();
  }
  return text;
}

/** undefined for what is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer that no such server gives. */
export function strange(server: Pick<Server, "url">, what: string, text: string): HoloscopeError {
  return new HoloscopeError(
    "ENDPOINT_FAILED",
    `${hostOf(server)} cannot be understood: ${what}.`,
    "Check the address and the kind of the engine (holoscope engines check).",
    text.slice(0, 2000),
  );
}

/** An error that the server reported in words. */
export function reported(server: Pick<Server, "url">, message: string): HoloscopeError {
  return new HoloscopeError(
    "ENDPOINT_FAILED",
    `${hostOf(server)} refused: ${message.slice(0, 500)}`,
    "The server's own log usually says more.",
  );
}

function connectionError({ url, signal }: Server, error: unknown): HoloscopeError {
  if (signal.aborted) return new HoloscopeError("CANCELLED", "The detection was cancelled.");
  const reason = error instanceof Error ? error.message : String(error);
  return new HoloscopeError(
    "ENDPOINT_UNREACHABLE",
    `The connection to ${hostOf({ url })} failed: ${reason}.`,
    "Check that the server runs and that its address is right (holoscope engines check).",
    undefined,
    {},
  );
}

async function refusal(server: Server, path: string, response: IncomingMessage): Promise<HoloscopeError> {
  const status = response.statusCode ?? 0;
  const text = await wholeText(server, response).catch(() => "");
  const host = hostOf(server);
  if (status === 401 || status === 403) {
    return new HoloscopeError(
      "UNAUTHORIZED",
      `${host} wants another key.`,
      "Give its key (holoscope engines add --key-file).",
    );
  }
  const words = messageOf(jsonOf(text)) ?? `it answered ${status} to ${path}`;
  if (busyStatuses.has(status)) {
    return new HoloscopeError(
      status === 429 || status === 503 ? "ENDPOINT_BUSY" : "ENDPOINT_UNREACHABLE",
      `${host} cannot answer now: ${words.slice(0, 500)}.`,
      "Try again in a while; a server that has just started may still be loading its model.",
      undefined,
      retryAfter(response.headers["retry-after"]),
    );
  }
  if (["exceed_context_size", "context size", "context length"].some((words) => text.includes(words))) {
    return new HoloscopeError(
      "CONTEXT_TOO_SMALL",
      `The context of ${host} is too small: ${words.slice(0, 500)}.`,
      "Lower maxImageTokens, or start the server with a larger context (-c).",
    );
  }
  return reported(server, words);
}

/** `error.message`, `error` or `message`, as these servers write them. */
export function messageOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  if ("error" in answer && typeof answer.error === "string") return answer.error;
  if ("error" in answer) return messageOf(answer.error);
  return "message" in answer && typeof answer.message === "string" ? answer.message : undefined;
}

/** Source: RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfter(value: string | undefined): Retry {
  if (value === undefined) return {};
  const seconds = Number(value);
  const afterMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(afterMs) && afterMs >= 0 ? { afterMs } : {};
}
