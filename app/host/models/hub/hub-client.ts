import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { defined, HoloscopeError } from "../../../contract/index.ts";
import { cancelledError } from "../../abortable.ts";
import { atEndpoint, type HubAccess, type HubEnvironment, hubAccess, mayCarryToken } from "./hub-access.ts";
import { connectionFailure, PassingFailure, statusFailure } from "./hub-errors.ts";
import { nextAddress, redirectError } from "./redirects.ts";
import { get, header } from "./request.ts";

/** Limits of waiting for the network, ms. */
export interface HubTimings {
  /** A connection without data for this long is closed. */
  readonly idle: number;
  /** Pause before the second try; doubles with each further one. */
  readonly backOff: number;
  /** Most tries in a row without any data. */
  readonly tries: number;
}

export const defaultHubTimings: HubTimings = { idle: 30_000, backOff: 1_000, tries: 6 };

interface HubClientConfig {
  readonly timings: HubTimings;
  readonly env: HubEnvironment;
}

/** The final answer after all redirects. The caller must read or destroy its body. */
interface HubAnswer {
  readonly response: IncomingMessage;
  /** SHA-256 of the file as stated by the hub's redirect. */
  readonly linkedSha256: string | undefined;
}

const maxRedirects = 10;
const maxJsonBytes = 16 * 1024 * 1024;

/** GET requests to one hub, with its token, the environment's proxies and limited retries. */
export class HubClient {
  readonly access: HubAccess;
  readonly timings: HubTimings;
  readonly #env: HubEnvironment;

  /** Throws as {@link hubAccess}. */
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
      if (visited.has(current.href) || visited.size > maxRedirects) throw redirectError("redirects in a circle");
      visited.add(current.href);
      const { token } = this.access;
      const secret = token !== undefined && mayCarryToken(this.access, current);
      const response = await get(
        current,
        { ...headers, ...defined({ authorization: secret ? `Bearer ${token}` : undefined }) },
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

  /** Reads a JSON answer of up to 16 MB, with retries. Also resolves with the address of the next page. */
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
      const link = /<([^<>]+)>\s*;\s*rel="?next"?/.exec(header(response.headers, "link") ?? "")?.[1];
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

  /** Retries work that fails temporarily, with growing pauses; finally throws the last error. */
  async patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let failed = 1; ; failed++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof PassingFailure)) throw error;
        // An unreachable network is reported at once, so that the user does not wait half a minute for a list.
        if (failed >= this.timings.tries || error.error.code === "HUB_OFFLINE") throw error.error;
        await this.pause(failed, signal);
      }
    }
  }

  /** Waits before the next try, longer after each failure. Throws CANCELLED. */
  async pause(failed: number, signal: AbortSignal): Promise<void> {
    await sleep(this.timings.backOff * 2 ** (failed - 1), undefined, { signal }).catch(() => {
      throw cancelledError();
    });
  }
}

function sha256Of(etag: string | undefined): string | undefined {
  return /^"?([0-9a-f]{64})"?$/.exec(etag ?? "")?.[1];
}
