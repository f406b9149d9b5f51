import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface HubFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** The checksum that the hub states: the true one, another one, or none. */
  readonly sha256?: "none" | string;
  /** The size that the list of files states, if not the true one. */
  readonly listedBytes?: number;
}

export interface SeenRequest {
  readonly server: "hub" | "cdn";
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/**
 * A hub on this machine in the shape of the real one: the tree of files as JSON, `resolve` addresses that redirect to
 * another server with `x-linked-*` headers, ranges, entity tags. Knobs make it slow, cut connections, lie or refuse.
 */
export class FakeHub {
  files: readonly HubFile[];
  readonly seen: SeenRequest[] = [];
  /** Answers this status for addresses that contain the text. */
  readonly statuses = new Map<string, number>();
  /** Bytes after which the next connections for a file are cut, used up one after the other. */
  cuts: number[] = [];
  /** Cuts every connection after so many bytes. */
  cutAlways: number | undefined;
  /** Sends nothing more after so many bytes of a body, and does not end either. */
  hangAfter: number | undefined;
  /** Bytes of a body that are sent every 5 ms; all at once if undefined. */
  pace: number | undefined;
  takesRanges = true;
  /**
   * Resolves when so many bytes of a file have been taken up. A cut waits for it: a reader drops what it has received,
   * but not yet read, when its connection is cut.
   */
  taken: (file: HubFile, bytes: number) => Promise<void> = () => Promise.resolve();
  /** Address that `resolve` redirects to instead of the other server. */
  redirectTo: string | undefined;
  /** Files listed on one page; the rest comes with Link headers. */
  pageSize = 1000;
  /** Bytes of bodies that were given to sockets. */
  sent = 0;
  readonly #hub: Server;
  readonly #cdn: Server;

  private constructor(files: readonly HubFile[]) {
    this.files = files;
    this.#hub = createServer((request, response) => this.#answerHub(request, response));
    this.#cdn = createServer((request, response) => void this.#answerCdn(request, response));
  }

  static async start(files: readonly HubFile[]): Promise<FakeHub> {
    const hub = new FakeHub(files);
    for (const server of [hub.#hub, hub.#cdn]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return hub;
  }

  get endpoint(): string {
    return originOf(this.#hub);
  }

  get cdn(): string {
    return originOf(this.#cdn);
  }

  /** Requests for bodies, in order. */
  get fetches(): readonly SeenRequest[] {
    return this.seen.filter(({ server }) => server === "cdn");
  }

  async close(): Promise<void> {
    for (const server of [this.#hub, this.#cdn]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #note(server: "hub" | "cdn", { url = "", headers }: IncomingMessage): void {
    this.seen.push({ server, url, range: headers.range, authorization: headers.authorization });
  }

  #answerHub(request: IncomingMessage, response: ServerResponse): void {
    this.#note("hub", request);
    const url = new URL(request.url ?? "", this.endpoint);
    const forced = [...this.statuses].find(([text]) => url.pathname.includes(text))?.[1];
    if (forced !== undefined) return void response.writeHead(forced).end("{}");
    const tree = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/main$/.exec(url.pathname);
    if (tree !== null) return void this.#answerTree(url, response);
    const file = this.files.find((each) => url.pathname.endsWith(`/resolve/main/${encodeURI(each.path)}`));
    if (file === undefined) return void response.writeHead(404).end();
    response.writeHead(302, {
      location: this.redirectTo ?? `${this.cdn}/blob/${encodeURIComponent(file.path)}?signature=abc`,
      "x-linked-size": String(file.bytes.length),
      ...(file.sha256 === "none" ? {} : { "x-linked-etag": `"${file.sha256 ?? sha256(file.bytes)}"` }),
      "accept-ranges": "bytes",
    });
    response.end();
  }

  #answerTree(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const page = this.files.slice(from, from + this.pageSize).map(({ path, bytes, sha256: stated, listedBytes }) => ({
      type: "file",
      oid: "0".repeat(40),
      size: listedBytes ?? bytes.length,
      path,
      ...(stated === "none"
        ? {}
        : { lfs: { oid: stated ?? sha256(bytes), size: listedBytes ?? bytes.length, pointerSize: 135 } }),
    }));
    const more = from + this.pageSize < this.files.length;
    url.searchParams.set("cursor", String(from + this.pageSize));
    response.writeHead(200, {
      "content-type": "application/json",
      ...(more ? { link: `<${url.href}>; rel="next"` } : {}),
    });
    response.end(JSON.stringify([{ type: "directory", path: "sub", oid: "1", size: 0 }, ...page]));
  }

  async #answerCdn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#note("cdn", request);
    const path = decodeURIComponent(/^\/blob\/([^?]+)/.exec(request.url ?? "")?.[1] ?? "");
    const file = this.files.find((each) => each.path === path);
    if (file === undefined) return void response.writeHead(404).end();
    const { bytes } = file;
    const asked = this.takesRanges ? /^bytes=(\d+)-$/.exec(request.headers.range ?? "") : null;
    const start = Number(asked?.[1] ?? 0);
    const etag = `"${sha256(bytes).slice(0, 32)}"`;
    const valid = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
    const first = asked !== null && valid ? start : 0;
    if (first > bytes.length) return void response.writeHead(416).end();
    response.writeHead(asked !== null && valid ? 206 : 200, {
      "content-length": bytes.length - first,
      etag,
      ...(asked !== null && valid ? { "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    response.flushHeaders();
    await this.#send(file, first, response);
  }

  async #send(file: HubFile, first: number, response: ServerResponse): Promise<void> {
    const body = file.bytes.subarray(first);
    const cut = this.cuts.shift() ?? this.cutAlways;
    const end = Math.min(body.length, cut ?? body.length, this.hangAfter ?? body.length);
    const step = this.pace ?? Math.max(end, 1);
    for (let at = 0; at < end && !response.destroyed; at += step) {
      const piece = body.subarray(at, Math.min(at + step, end));
      response.write(piece);
      this.sent += piece.length;
      if (this.pace !== undefined) await sleep(5);
    }
    if (end === body.length) return void response.end();
    if (cut === undefined) return;
    if (end > 0) await this.taken(file, first + end);
    response.destroy();
  }
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
