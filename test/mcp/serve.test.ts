import { rm } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HoloscopeError } from "../../app/contract/index.ts";
import { serveMcp } from "../../app/mcp/serve.ts";
import { FakeHost } from "../server/fake-host.ts";
import { eventually } from "../support/patience.ts";
import { samplePath } from "../support/repository.ts";
import { Wire } from "./wire.ts";

let host: FakeHost;
let input: PassThrough;
let wire: Wire;
let interrupt: AbortController;
let warnings: string[];
let ended: Promise<void>;
beforeEach(() => {
  host = new FakeHost();
  input = new PassThrough();
  const output = new PassThrough();
  wire = new Wire(input, output);
  interrupt = new AbortController();
  warnings = [];
  const warn = (text: string): void => void warnings.push(text);
  ended = serveMcp({ host, input, output, interrupted: interrupt.signal, warn });
});
afterEach(async () => {
  interrupt.abort();
  await ended;
  await rm(host.folder, { recursive: true, force: true });
});

/** As long as a model's id may be, and cut anywhere but between its characters. */
const long = `-${"😀".repeat(30_000)}`;
const detect = { image: { path: samplePath("shop") } };

async function whileDetecting(): Promise<number> {
  host.nextRun = "hang";
  const id = wire.call("detect_elements", detect);
  await eventually(() => expect(wire.progress).toHaveLength(1));
  return id;
}

describe("a connection", () => {
  it("says who answers, and how the tools go together", async () => {
    const id = wire.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "test", version: "0" },
    });
    await eventually(() => expect(wire.answer(id)).toBeDefined());
    expect(wire.answer(id)?.result).toMatchObject({
      protocolVersion: "2025-06-18",
      serverInfo: { name: "holoscope", version: "0.0.0" },
      instructions: expect.stringContaining('"last"'),
    });
  });

  it.each([
    ["the client closes its end", () => input.end()],
    ["it is interrupted", () => interrupt.abort()],
  ])("ends when %s, and cancels what runs", async (_what, end) => {
    const id = await whileDetecting();
    end();
    await ended;
    await eventually(() => expect(host.cancelled).toEqual(["run-00000001"]));
    expect(wire.answer(id)).toBeUndefined();
    expect(warnings).toEqual([]);
    expect(host.closed, "the host is its caller's").toBe(false);
  });

  it("ends at once if it was interrupted before it began", async () => {
    const already = AbortSignal.abort();
    const streams = { input: new PassThrough(), output: new PassThrough() };
    await serveMcp({ host, ...streams, interrupted: already, warn: () => {} });
  });

  it("goes on after lines that are no messages", async () => {
    wire.write("holoscope\n{}\n[]\n\n");
    const id = wire.call("detect_elements", detect);
    await eventually(() => expect(wire.answer(id)?.result).toHaveProperty("structuredContent"));
  });

  it("answers several calls at once", async () => {
    const hanging = await whileDetecting();
    host.overrides.set("runs.list", () => []);
    const listing = wire.call("list_runs", {});
    await eventually(() => expect(wire.answer(listing)).toBeDefined());
    expect(wire.answer(hanging)).toBeUndefined();
  });

  it.each([
    ["an option", "detect_elements", { [long]: 1, image: { path: "/a.png" } }],
    ["a tool", long, {}],
    ["a path", "detect_elements", { image: { path: long.slice(0, 4001) } }],
    ["a model", "detect_elements", { ...detect, model: long }],
  ])("repeats little of %s that was given by mistake", async (_what, tool, input) => {
    const unknown = new HoloscopeError("MODEL_NOT_FOUND", `There is no model "${long}".`, "Choose another one.");
    host.nextRun = () => {
      throw unknown;
    };
    const id = wire.call(tool, input);
    await eventually(() => expect(wire.answer(id)).toBeDefined());
    const answer = JSON.stringify(wire.answer(id));
    expect(answer).toContain("😀😀");
    expect(answer.length).toBeLessThan(2000);
    expect(answer, "a half of a character").not.toContain("\\ud");
    if (tool === "detect_elements" && "model" in input) expect(answer).toContain("Choose another one.");
  });

  it("ends with a warning at a message that is far too long", async () => {
    wire.write(`{"jsonrpc":"2.0","id":1,"method":"${"x".repeat(33 * 1024 * 1024)}`);
    await ended;
    expect(warnings.join()).toContain("maximum size");
  });
});
