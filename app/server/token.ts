import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { parse as parseCookies } from "hono/utils/cookie";

const cookieName = "holoscope_session";

/** Compares in a time that depends on neither text. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/**
 * The token of a server, in the three ways it can come: as `Authorization: Bearer <token>`, as `/?token=<token>`, and
 * as the cookie that the latter is exchanged for. The cookie holds a random value of this server's life, never the token.
 */
export class TokenCheck {
  readonly #token: string;
  readonly #session = randomBytes(32).toString("base64url");

  constructor(token: string) {
    this.#token = token;
  }

  /** The Set-Cookie line, if this is the token. */
  exchange(token: string): string | undefined {
    if (!sameText(token, this.#token)) return undefined;
    return `${cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  accepts(authorization: string | undefined, cookies: string | undefined): boolean {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (bearer !== undefined) return sameText(bearer, this.#token);
    const session = cookies === undefined ? undefined : parseCookies(cookies, cookieName)[cookieName];
    return session !== undefined && sameText(session, this.#session);
  }
}
