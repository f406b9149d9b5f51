import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parse as parseCookies } from "hono/utils/cookie";
import { busyError } from "./load.ts";

const cookieName = "holoscope_session";

/** Compares in constant time. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** What a request shows for itself. */
type Credentials = "good" | "wrong" | "none";

/**
 * A server's token, which a request may carry as `Authorization: Bearer <token>`, as `/?token=<token>`, or as the
 * cookie that the latter is exchanged for. The cookie holds a random value for this server's lifetime, never the token.
 */
export class TokenCheck {
  readonly #token: string;
  readonly #session = randomBytes(32).toString("base64url");

  constructor(token: string) {
    this.#token = token;
  }

  /** The Set-Cookie header, if this is the token. */
  exchange(token: string): string | undefined {
    if (!sameText(token, this.#token)) return undefined;
    return `${cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** A cookie that does not fit is that of an earlier start, and counts as none. */
  check(authorization: string | undefined, cookies: string | undefined): Credentials {
    if (authorization !== undefined) {
      const [scheme = "", bearer, ...more] = authorization.trim().split(" ").filter(Boolean);
      const fits = scheme.toLowerCase() === "bearer" && bearer !== undefined && more.length === 0;
      return fits && sameText(bearer, this.#token) ? "good" : "wrong";
    }
    const session = cookies === undefined ? undefined : parseCookies(cookies, cookieName)[cookieName];
    return session !== undefined && sameText(session, this.#session) ? "good" : "none";
  }
}

interface Tries {
  failed: number;
  /** Wrong tokens of this address whose answers are being held back. */
  waiting: number;
  last: number;
}

interface WrongTokensOptions {
  readonly log: (text: string) => void;
  readonly pause?: ((ms: number) => Promise<void>) | undefined;
}

/** Wrong tokens that one address may have waiting; further requests with a token are refused unread. */
const waitingAtOnce = 4;
/** How long the answer to a wrong token is held back, in ms: twice as long after each. */
const pausesMs = { first: 100, longest: 6_400 } as const;
const forgottenAfterMs = 10 * 60_000;
/** Addresses that are remembered. */
const rememberedAddresses = 10_000;

/** Slows down whoever tries tokens: each wrong one of an address is answered later than the one before. */
export class WrongTokens {
  readonly #log: (text: string) => void;
  readonly #pause: (ms: number) => Promise<void>;
  readonly #tries = new Map<string, Tries>();

  constructor({ log, pause = (ms) => sleep(ms, undefined, { ref: false }) }: WrongTokensOptions) {
    this.#log = log;
    this.#pause = pause;
  }

  /** To be called before a token is looked at. Throws BUSY while too many wrong ones of this address wait. */
  admit(address: string): void {
    if ((this.#tries.get(address)?.waiting ?? 0) < waitingAtOnce) return;
    throw busyError("Too many wrong tokens come from this address.");
  }

  /** Resolves when a wrong token may be answered. */
  async add(address: string): Promise<void> {
    const tries = this.#of(address);
    tries.failed += 1;
    // Powers of two alone: whoever tries thousands must not fill the log.
    if (Number.isInteger(Math.log2(tries.failed))) {
      this.#log(`Refused a wrong token from ${address} (${tries.failed} so far)`);
    }
    tries.waiting += 1;
    try {
      await this.#pause(Math.min(pausesMs.first * 2 ** (tries.failed - 1), pausesMs.longest));
    } finally {
      tries.waiting -= 1;
    }
  }

  #of(address: string): Tries {
    const now = Date.now();
    const before = this.#tries.get(address);
    if (before !== undefined && (before.waiting > 0 || now - before.last < forgottenAfterMs)) {
      before.last = now;
      return before;
    }
    this.#forget();
    const tries = { failed: 0, waiting: 0, last: now };
    this.#tries.set(address, tries);
    return tries;
  }

  #forget(): void {
    if (this.#tries.size < rememberedAddresses) return;
    for (const [address, { waiting }] of this.#tries) if (waiting === 0) this.#tries.delete(address);
  }
}
