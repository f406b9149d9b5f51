import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { HoloscopeError } from "../../contract/errors.ts";
import { cancelledError } from "../abortable.ts";
import { atEndpoint, type HubAccess, type HubEnvironment, hubAccess, mayCarryToken } from "./hub-access.ts";
import { connectionFailure, PassingFailure, statusFailure } from "./hub-errors.ts";
import { nextAddress, redirectError } from "./redirects.ts";
import { get, header } from "./request.ts";

/** Patience with the network, ms. */
export interface HubTimings {
  /** A connection on which nothing moves for so long is given up. */
  readonly idle: number;
  /** Pause before the second try; doubled before each further one. */
  readonly backOff: number;
  /** Tries in a row that may bring nothing. */
  readonly tries: number;
}

export const defaultHubTimings: HubTimings = { idle: 30_000, backOff: 1_000, tries: 6 };

export interface HubClientConfig {
  readonly timings: HubTimings;
  readonly env: HubEnvironment;
}

/** An answer after all redirects, whose body is still to be read or destroyed. */
export interface HubAnswer {
  readonly response: IncomingMessage;
  /** SHA-256 of the file by the hub's own redirect, if it gave one. */
  readonly linkedSha256: string | undefined;
}

const maxRedirects = 10;
const maxJsonBytes = 16 * 1024 * 1024;

/** GET requests to one hub, with its token, the environment's proxies and bounded patience. */
export class HubClient {
  readonly access: HubAccess;
  readonly timings: HubTimings;
  readonly #env: HubEnvironment;

  /** Throws BAD_REQUEST and HUB_OFFLINE as {@link hubAccess}. */
  constructor({ timings, env }: HubClientConfig) {
    this.access = hubAccess(env);
    this.timings = timings;
    this.#env = env;
  }

  at(path: string): URL {
    return atEndpoint(this.access, path);
  }

  /**
   * Follows redirects: at most ten, never in a circle, never from https to http (but for a hub on this machine), and
   * the token never to another host. Throws PassingFailure, HUB_DENIED, HUB_NOT_FOUND and HUB_FAILED.
   * @param accepted statuses that count as success
   */
  async fetch(
    url: URL,
    what: string,
    options: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly accepted?: readonly number[];
      readonly page: URL;
      readonly signal: AbortSignal;
    },
  ): Promise<HubAnswer> {
    const { headers = {}, accepted = [200], page, signal } = options;
    const visited = new Set<string>();
    let linkedSha256: string | undefined;
    for (let current = url; ; ) {
      if (visited.has(current.href) || visited.size > maxRedirects) throw redirectError("sends Holoscope in a circle");
      visited.add(current.href);
      const { token } = this.access;
      const secret = token !== undefined && mayCarryToken(this.access, current);
      const response = await get(
        current,
        { ...headers, ...(secret ? { authorization: `Bearer ${token}` } : {}) },
        { env: this.#env, signal, idleMs: this.timings.idle },
      ).catch((error: unknown) => {
        throw signal.aborted ? cancelledError() : connectionFailure(error, this.access);
      });
      const status = response.statusCode ?? 0;
      if (current.origin === this.access.endpoint.origin)
        linkedSha256 ??= sha256Of(header(response.headers, "x-linked-etag"));
      if (accepted.includes(status)) return { response, linkedSha256 };
      response.destroy();
      const location = header(response.headers, "location");
      if (status < 300 || status >= 400 || location === undefined) throw statusFailure(status, what, this.access, page);
      current = nextAddress(this.access, current, location);
    }
  }

  /** Reads a JSON answer of up to 16 MB, tried again while failures may pass. Gives also the address of the next page. */
  async json(
    url: URL,
    what: string,
    page: URL,
    signal: AbortSignal,
  ): Promise<{ value: unknown; next: URL | undefined }> {
    return this.patiently(signal, async () => {
      const { response } = await this.fetch(url, what, { page, signal });
      const chunks: Buffer[] = [];
      let bytes = 0;
      try {
        for await (const chunk of response) {
          if (!Buffer.isBuffer(chunk)) continue;
          bytes += chunk.length;
          if (bytes > maxJsonBytes) throw new HoloscopeError("HUB_FAILED", "The hub's list of files is too long.");
          chunks.push(chunk);
        }
      } catch (error) {
        throw signal.aborted ? cancelledError() : connectionFailure(error, this.access);
      }
      const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(header(response.headers, "link") ?? "")?.[1];
      const next = link !== undefined && URL.canParse(link, url.href) ? new URL(link, url.href) : undefined;
      try {
        return { value: JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown, next };
      } catch {
        throw new HoloscopeError(
          "HUB_FAILED",
          `${this.access.endpoint.host} did not answer as a hub does.`,
          "Check HF_ENDPOINT; a login page of the network may also be in between.",
        );
      }
    });
  }

  /** Repeats what fails in passing, with growing pauses; then throws the failure's own error. */
  async patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let failed = 1; ; failed++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof PassingFailure)) throw error;
        // An unreachable network is told at once: waiting half a minute for the list would look like a fault of ours.
        if (failed >= this.timings.tries || error.error.code === "HUB_OFFLINE") throw error.error;
        await this.pause(failed, signal);
      }
    }
  }

  /** Waits before the next try; the longer the more tries failed. Throws CANCELLED. */
  async pause(failed: number, signal: AbortSignal): Promise<void> {
    await sleep(this.timings.backOff * 2 ** (failed - 1), undefined, { signal }).catch(() => {
      throw cancelledError();
    });
  }
}

function sha256Of(etag: string | undefined): string | undefined {
  return /^"?([0-9a-f]{64})"?$/.exec(etag ?? "")?.[1];
}
