import { rm } from "node:fs/promises";
import http from "node:http";
import { type RunningServer, type ServerOptions, startServer } from "../../app/server/server.ts";
import { FakeHost } from "./fake-host.ts";

export interface Served {
  readonly host: FakeHost;
  readonly server: RunningServer;
  readonly url: string;
  close(): Promise<void>;
}

/** A server over a fake host on a free port. */
export async function serveFake(options: Omit<Partial<ServerOptions>, "host"> = {}): Promise<Served> {
  const host = new FakeHost();
  const server = await startServer({ host, port: 0, ...options });
  return {
    host,
    server,
    url: server.url.replace(/\/$/, ""),
    close: async () => {
      await server.close();
      await rm(host.folder, { recursive: true, force: true });
    },
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface RawRequest {
  readonly method?: string;
  /** Sent as it is: fetch and URL would tidy "..", encodings and the Host header away. */
  readonly path: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** One request with nothing normalised on the way out. */
export function rawRequest(port: number, { method = "GET", path, headers = {}, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The error code of an answer in the server's one error shape. */
export function errorCode(text: string): string {
  const body: unknown = JSON.parse(text);
  if (typeof body !== "object" || body === null || !("error" in body)) return `no error in ${text}`;
  const { error } = body;
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : `no code in ${text}`;
}
