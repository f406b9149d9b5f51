import type { Readable, Writable } from "node:stream";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Host } from "../host/types.ts";
import { Screenshots } from "./screenshots.ts";
import { registerTools } from "./tools.ts";
import { ShortFailuresTransport } from "./transport.ts";

/**
 * Longest message of a client, in bytes. The SDK looks through all of a message again with each part that comes, so that
 * larger ones take many seconds; images of more than 24 MB are given by their path.
 */
const maxMessageBytes = 32 * 1024 * 1024;

const instructions =
  "Holoscope looks at screenshots with a vision model on this computer. detect_elements lists everything that can be " +
  'clicked, locate_element finds one thing; after either of them the image "last" asks about the same screenshot again, ' +
  "which is faster. Coordinates are px of the image: divide them by the image's scale where clicks count in CSS px or " +
  "screen points.";

export interface McpOptions {
  /** Owned by the caller: the end of the connection does not close it. */
  readonly host: Host;
  readonly input: Readable;
  readonly output: Writable;
  /** Ends the connection when it fires. */
  readonly interrupted: AbortSignal;
  /** Told of what is wrong with the connection itself; it must not write to `output`. */
  readonly warn: (text: string) => void;
}

/**
 * Serves the tools to the one client at the other end of two streams, in the Model Context Protocol. Resolves when the
 * client has closed its end or the signal fires; requests under way are then cancelled.
 */
export async function serveMcp({ host, input, output, interrupted, warn }: McpOptions): Promise<void> {
  const { version } = await host.call("app.info", {});
  const screenshots = new Screenshots(host);
  const transport = new ShortFailuresTransport(input, output, { maxBufferSize: maxMessageBytes });
  const connection = serveStdio(
    () => {
      const server = new McpServer({ name: "holoscope", title: "Holoscope", version }, { instructions });
      registerTools(server, host, screenshots);
      return server;
    },
    { transport, onerror: (error) => warn(error.message) },
  );
  const serverClosed = transport.onclose;
  const closed = new Promise<void>((resolve) => {
    transport.onclose = () => {
      serverClosed?.();
      resolve();
    };
  });
  const end = () => void connection.close();
  interrupted.addEventListener("abort", end, { once: true });
  if (interrupted.aborted) end();
  await closed.finally(() => interrupted.removeEventListener("abort", end));
}
