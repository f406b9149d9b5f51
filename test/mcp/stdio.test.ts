import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client as PresentClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as PresentTransport } from "@modelcontextprotocol/client/stdio";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as EarlierTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { toolAnswerSchema, toolRunListSchema } from "../../app/contract/index.ts";
import { eventually, limits, until } from "../support/patience.ts";
import { repositoryRoot, samplePath } from "../support/repository.ts";
import { Wire } from "./wire.ts";

/** The built command line with the real engine and the bundled detector, as a client's child process. */
const program = path.join(repositoryRoot, "dist/main/cli.js");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-mcp-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** HOLOSCOPE_DATA of a test. */
const environment = (name: string) => ({ HOLOSCOPE_DATA: path.join(folder, name) });

interface Call {
  readonly signal?: AbortSignal;
  readonly onprogress?: (told: { readonly progress: number; readonly message?: string | undefined }) => void;
}

/** What the tests need of a client, whichever version of the SDK it is made with. */
interface Connection {
  readonly tools: readonly Tool[];
  call(name: string, input: Record<string, unknown>, options?: Call): Promise<Answer>;
  close(): Promise<void>;
}

const toolSchema = z.looseObject({ name: z.string(), outputSchema: z.record(z.string(), z.unknown()) });
type Tool = z.infer<typeof toolSchema>;

const answerSchema = z.object({
  isError: z.boolean().default(false),
  structuredContent: z.unknown().optional(),
  content: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("text"), text: z.string() }),
      z.object({ type: z.literal("image"), data: z.base64(), mimeType: z.string() }),
    ]),
  ),
});
type Answer = z.infer<typeof answerSchema>;

const identity = { name: "test", version: "0" };
const server = (env: Record<string, string>) => ({
  command: process.execPath,
  args: [program, "mcp"],
  env,
  stderr: "pipe" as const,
});

/** A client of the SDK's second version, which speaks the protocol of 2026. */
async function connectPresent(env: Record<string, string>): Promise<Connection> {
  const client = new PresentClient(identity, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(new PresentTransport(server(env)), { timeout: limits.wait });
  const { tools } = await client.listTools();
  return {
    tools: z.array(toolSchema).parse(tools),
    call: async (name, input, options) =>
      answerSchema.parse(await client.callTool({ name, arguments: input }, { timeout: limits.wait, ...options })),
    close: () => client.close(),
  };
}

/** A client of its first version, with which most hosts are made: it reads schemas as draft 7. */
async function connectEarlier(env: Record<string, string>): Promise<Connection> {
  const client = new EarlierClient(identity);
  await client.connect(new EarlierTransport(server(env)), { timeout: limits.wait });
  const { tools } = await client.listTools();
  return {
    tools: z.array(toolSchema).parse(tools),
    call: async (name, input, options) =>
      answerSchema.parse(
        await client.callTool({ name, arguments: input }, undefined, { timeout: limits.wait, ...options }),
      ),
    close: () => client.close(),
  };
}

describe.each([
  ["of 2026", connectPresent],
  ["of 2025", connectEarlier],
])("holoscope mcp with the SDK's client %s", (name, connect) => {
  let client: Connection;
  beforeAll(async () => {
    client = await connect(environment(name));
  });
  afterAll(() => client?.close());

  const structured = ({ isError, structuredContent, content }: Answer, tool: string) => {
    expect(isError, JSON.stringify(content)).toBe(false);
    const schema = client.tools.find((each) => each.name === tool)?.outputSchema ?? {};
    for (const ajv of [new Ajv({ strict: false, validateFormats: false }), new Ajv2020({ validateFormats: false })]) {
      // The name of a dialect would make the other one refuse the schema unread.
      const { $schema: _dialect, ...rest } = schema;
      expect(ajv.validate(rest, structuredContent), ajv.errorsText()).toBe(true);
    }
    return structuredContent;
  };

  async function answerTo(tool: string, input: Record<string, unknown>, options?: Call) {
    const answer = await client.call(tool, input, options);
    return { ...answer, answer: toolAnswerSchema.parse(structured(answer, tool)) };
  }

  const pictures = ({ content }: Answer) => content.flatMap((each) => (each.type === "image" ? [each] : []));

  async function sizeOf({ data, mimeType }: { readonly data: string; readonly mimeType: string }) {
    expect(mimeType).toBe("image/png");
    const { format, width, height } = await sharp(Buffer.from(data, "base64")).metadata();
    return { format, width, height };
  }

  const sample = { path: samplePath("settings") };
  const size = { width: 1280, height: 736 };

  it("finds the elements of a file, and draws them", async () => {
    const told: string[] = [];
    const onprogress: Call["onprogress"] = ({ message }) => told.push(message ?? "");
    const result = await answerTo("detect_elements", { image: sample }, { onprogress });
    const { answer } = result;
    expect(answer).toMatchObject({ status: "done", mode: "detect", image: { name: "settings.png", ...size } });
    expect(answer.elements.length).toBeGreaterThanOrEqual(10);
    for (const { click, bbox } of answer.elements) {
      expect(click.x).toBeGreaterThanOrEqual(bbox.x1);
      expect(click.x).toBeLessThanOrEqual(bbox.x2);
      expect(click.y).toBeLessThan(size.height);
    }
    expect(await Promise.all(pictures(result).map(sizeOf))).toEqual([{ format: "png", ...size }]);
    expect(told).toContain("Encoding the image");
  });

  it("takes the same screenshot in base64, and again as the last one", async () => {
    const base64 = readFileSync(sample.path).toString("base64");
    const first = await answerTo("detect_elements", { image: { base64: `data:image/png;base64,${base64}` } });
    expect(first.answer.cached, "the same bytes were detected before").toBeDefined();
    const limited = { image: "last", max_detections: 3, annotated: false };
    const again = await answerTo("detect_elements", limited);
    expect(again.answer.elements).toHaveLength(3);
    expect(pictures(again)).toEqual([]);
  });

  it("locates one element", async () => {
    const result = await answerTo("locate_element", { image: "last", target: "the first slider" });
    expect(result.answer).toMatchObject({ mode: "locate", target: "the first slider" });
    expect(result.answer.elements.map(({ label }) => label)).toEqual(["slider"]);
    expect(pictures(result)).toHaveLength(1);
  });

  it("lists the runs and gives each of them again", async () => {
    const listed = await client.call("list_runs", {});
    const { runs } = toolRunListSchema.parse(structured(listed, "list_runs"));
    expect(runs.map(({ mode }) => mode)).toEqual(["locate", "detect", "detect"]);
    const { run_id, count } = runs.at(-1) ?? { run_id: "none" };
    const got = await answerTo("get_run", { run_id, annotated: true });
    expect(got.answer).toMatchObject({ run_id, status: "done" });
    expect(got.answer.elements).toHaveLength(count ?? 0);
    expect(await Promise.all(pictures(got).map(sizeOf))).toEqual([{ format: "png", ...size }]);
  });

  it.each([
    ["detect_elements", { image: "last", model: "none" }, "MODEL_NOT_FOUND"],
    ["detect_elements", { image: "last", min_confidence: 2 }, "min_confidence"],
    ["locate_element", { image: "last", target: "the quick brown fox" }, "It knows these kinds"],
    ["get_run", { run_id: "20200101-000000-00000000" }, "RUN_NOT_FOUND"],
    // After these there is no last screenshot.
    ["detect_elements", { image: { path: path.join(repositoryRoot, "package.json") } }, "IMAGE_UNREADABLE"],
    ["detect_elements", { image: { path: path.join(repositoryRoot, "none.png") } }, "FILE_MISSING"],
  ])("fails in words: %s %j", async (tool, input, reason) => {
    const { isError, content } = await client.call(tool, input);
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toContain(reason);
  });

  it("cancels a detection that the client gives up", async () => {
    const cancel = new AbortController();
    const stop: Call["onprogress"] = ({ message }) => {
      if (message === "Encoding the image") cancel.abort("not wanted any more");
    };
    const call = client.call(
      "detect_elements",
      { image: { path: samplePath("shop") }, profile: "quality" },
      { signal: cancel.signal, onprogress: stop },
    );
    await expect(call).rejects.toThrow();
    await eventually(async () => {
      const { runs } = toolRunListSchema.parse((await client.call("list_runs", { limit: 1 })).structuredContent);
      expect(runs).toMatchObject([{ status: "cancelled", image: { name: "shop.png" } }]);
    });
  });
});

describe.skipIf(process.platform === "win32")("the end of holoscope mcp", () => {
  let child: ReturnType<typeof start>;
  let wire: Wire;
  let err: string;
  /** In a process group of its own, so that it can be seen when the last process of it is gone. */
  const start = () =>
    spawn(process.execPath, [program, "mcp"], {
      env: { ...process.env, ...environment("end") },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
  beforeEach(() => {
    child = start();
    wire = new Wire(child.stdin, child.stdout);
    err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
  });
  afterEach(() => {
    if (isRunning()) process.kill(-(child.pid ?? 0), "SIGKILL");
  });

  /** Whether any process of the group is there. */
  function isRunning(): boolean {
    try {
      return child.pid !== undefined && process.kill(-child.pid, 0);
    } catch {
      return false;
    }
  }

  it.each([
    ["its standard input", () => child.stdin.end()],
    ["SIGTERM", () => child.kill("SIGTERM")],
  ])("comes with %s, in the middle of a detection, and leaves no process", async (_what, end) => {
    const exit = once(child, "close");
    wire.call("detect_elements", { image: { path: samplePath("shop") }, profile: "quality" });
    await eventually(() => expect(wire.progress, err).toContain("Encoding the image"));
    end();
    expect(await exit, err).toEqual([0, null]);
    await until(() => !isRunning());
    expect(err).toBe("");
  });

  it("comes with a reader that has gone away", async () => {
    const exit = once(child, "close");
    wire.call("list_runs", {});
    await eventually(() => expect(wire.answer(2), err).toBeDefined());
    child.stdout.destroy();
    wire.call("list_runs", {});
    await exit;
    await until(() => !isRunning());
  });
});
