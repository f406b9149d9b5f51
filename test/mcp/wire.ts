import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";

const messageSchema = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
});
type Message = z.infer<typeof messageSchema>;

/**
 * A client that writes the protocol's lines itself, to be cut off at any moment. Every line that comes must be a message
 * of the protocol.
 */
export class Wire {
  readonly received: Message[] = [];
  readonly #server: Writable;
  #lastId = 0;

  /** @param server what the server reads @param answers what it writes */
  constructor(server: Writable, answers: Readable) {
    this.#server = server;
    createInterface({ input: answers }).on("line", (line) => {
      this.received.push(messageSchema.parse(JSON.parse(line)));
    });
  }

  write(text: string): void {
    this.#server.write(text);
  }

  /** Begins a request with the protocol's handshake before the first one; its id. */
  request(method: string, params: object): number {
    if (this.#lastId === 0 && method !== "initialize") this.#shakeHands();
    this.#lastId += 1;
    this.#send({ id: this.#lastId, method, params });
    return this.#lastId;
  }

  /** Calls a tool and asks for its progress. */
  call(name: string, input: object): number {
    return this.request("tools/call", { name, arguments: input, _meta: { progressToken: "told" } });
  }

  /** The answer to a request, if it came. */
  answer(id: number): Message | undefined {
    return this.received.find((message) => message.id === id);
  }

  /** What was told of the progress of calls. */
  get progress(): readonly string[] {
    const told = this.received.filter(({ method }) => method === "notifications/progress");
    return told.map(({ params }) => String(params?.message));
  }

  #shakeHands(): void {
    const clientInfo = { name: "test", version: "0" };
    this.request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    this.#send({ method: "notifications/initialized" });
  }

  #send(message: object): void {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }
}
