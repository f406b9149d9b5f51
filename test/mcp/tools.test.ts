import { rm } from "node:fs/promises";
import path from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport, McpServer } from "@modelcontextprotocol/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  HoloscopeError,
  imageLimits,
  type RunRecord,
  runSummarySchema,
  summariseRun,
  toolAnswerSchema,
  toolRunListSchema,
  toolTextLimit,
} from "../../app/contract/index.ts";
import { Screenshots } from "../../app/mcp/screenshots.ts";
import { registerTools } from "../../app/mcp/tools.ts";
import { FakeHost } from "../server/fake-host.ts";
import { sampleDetection, sampleRun } from "../server/sample-run.ts";
import { eventually } from "../support/patience.ts";
import { samplePath } from "../support/repository.ts";
import { makeRun } from "../support/run-fixtures.ts";

/** The tools over a host without an engine, asked by the SDK's client in the same process. */
let host: FakeHost;
let client: Client;
beforeEach(async () => {
  host = new FakeHost();
  const server = new McpServer({ name: "holoscope", version: "0" });
  registerTools(server, host, new Screenshots(host));
  const [here, there] = InMemoryTransport.createLinkedPair();
  await server.connect(there);
  client = new Client({ name: "test", version: "0" });
  await client.connect(here);
});
afterEach(async () => {
  await client.close();
  await rm(host.folder, { recursive: true, force: true });
});

const screenshot = { path: samplePath("settings") };

type Options = Parameters<Client["callTool"]>[1];

async function call(name: string, input: Record<string, unknown>, options?: Options) {
  const { content, isError = false, structuredContent } = await client.callTool({ name, arguments: input }, options);
  const texts = content.flatMap((each) => (each.type === "text" ? [each.text] : []));
  const images = content.flatMap((each) => (each.type === "image" ? [each] : []));
  return { isError, structuredContent, text: texts.join("\n"), images };
}

async function answerTo(name: string, input: Record<string, unknown>) {
  const answer = await call(name, input);
  expect(answer.isError, answer.text).toBe(false);
  return { ...answer, answer: toolAnswerSchema.parse(answer.structuredContent) };
}

async function failureOf(name: string, input: Record<string, unknown>): Promise<string> {
  const { isError, text } = await call(name, input);
  expect(isError).toBe(true);
  return text;
}

const stored = (run: RunRecord) => host.overrides.set("runs.get", () => run);

/** Every word that a schema has, wherever it stands in it. */
function keywordsOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [key, ...keywordsOf(value)]);
}

describe("the tools", () => {
  it("are four, whose schemas mean the same in every draft that clients read", async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["detect_elements", "locate_element", "list_runs", "get_run"]);
    for (const { inputSchema, outputSchema, description } of tools) {
      expect(description).not.toBe("");
      const keywords = keywordsOf([inputSchema, outputSchema]);
      expect(keywords).toContain("properties");
      // Written otherwise before draft 2020-12.
      for (const keyword of ["prefixItems", "$defs", "unevaluatedProperties"]) expect(keywords).not.toContain(keyword);
    }
  });

  it("say which of them leave everything as it was", async () => {
    const { tools } = await client.listTools();
    const readOnly = tools.filter(({ annotations }) => annotations?.readOnlyHint === true);
    expect(readOnly.map(({ name }) => name)).toEqual(["list_runs", "get_run"]);
  });

  it("refuse options that there are not, as a failed call", async () => {
    expect(await failureOf("detect_elements", { image: screenshot, max_detection: 3 })).toContain("max_detection");
    expect(await failureOf("detect_elements", { image: screenshot, profile: "turbo" })).toContain("profile");
    expect(host.requests).toEqual([]);
  });
});

describe("detect_elements", () => {
  it("hands its options on, and keeps the run", async () => {
    const options = { profile: "quality", model: "holo", max_detections: 7, min_confidence: 0 };
    await answerTo("detect_elements", { image: screenshot, ...options });
    expect(host.requests[0]).toMatchObject({
      mode: "detect",
      modelId: "holo",
      profile: "quality",
      useCache: true,
      overrides: { maxDetections: 7, minConfidence: 0 },
    });
    expect(host.kept).toEqual([true]);
  });

  it("leaves to the settings what was left out", async () => {
    await answerTo("detect_elements", { image: screenshot });
    expect(host.requests[0]).not.toHaveProperty("profile");
    expect(host.requests[0]).not.toHaveProperty("modelId");
    expect(host.requests[0]?.overrides).toEqual({});
  });

  it("answers in whole px of the image, with where to click and the image's scale", async () => {
    host.nextRun = () =>
      sampleRun({
        detections: [
          { ...sampleDetection(1), bbox: [10.4, 20.6, 50.5, 1079.9], confidence: 0.123456 },
          { ...sampleDetection(2, "menu_item"), text: "Open", point: [1920, 31.7] },
        ],
        belowThreshold: [sampleDetection(3)],
      });
    const { answer, text } = await answerTo("detect_elements", { image: screenshot });
    expect(answer.image).toMatchObject({ name: "settings.png", width: 1920, height: 1080 });
    expect(answer.image.scale).toEqual({ value: 1, from: "assumed" });
    expect(answer.elements).toEqual([
      {
        number: 1,
        label: "button",
        bbox: { x1: 10, y1: 21, x2: 51, y2: 1080 },
        click: { x: 30, y: 550 },
        confidence: 0.1235,
      },
      expect.objectContaining({ number: 2, text: "Open", click: { x: 1919, y: 31 } }),
    ]);
    expect(answer.below_min_confidence).toBe(1);
    expect(text).toContain("2 elements in settings.png, 1,920 × 1,080 px");
    expect(text).toContain('2. menu item "Open": click 1919, 31');
    expect(text).toContain("Left out for low confidence: 1.");
  });

  it("says what to divide by where the image has another scale", async () => {
    const { answer } = await answerTo("detect_elements", { image: screenshot });
    await host.call("images.setScale", { id: answer.image.id, scale: 2 });
    const again = await answerTo("detect_elements", { image: "last" });
    expect(again.answer.image.scale).toEqual({ value: 2, from: "user" });
    expect(again.text).toContain("scale is 2x (set by you): divide by 2");
  });

  it("shows the elements drawn, unless that is not wanted or nothing was found", async () => {
    const drawn = await answerTo("detect_elements", { image: screenshot });
    expect(drawn.images).toMatchObject([{ mimeType: "image/png" }]);
    expect(host.overlays.map((boxes) => boxes.map(({ tag }) => tag))).toEqual([["1", "2"]]);
    expect((await answerTo("detect_elements", { image: "last", annotated: false })).images).toEqual([]);
    host.nextRun = () => sampleRun({ detections: [] });
    const nothing = await answerTo("detect_elements", { image: "last" });
    expect(nothing.images).toEqual([]);
    expect(nothing.text).toContain("0 elements");
    expect(host.overlays).toHaveLength(1);
  });

  it("leaves out a picture that would end the connection, and says so", async () => {
    host.overrides.set("images.overlay", () => ({ png: Buffer.alloc(7_500_000).toString("base64") }));
    const { images, text, answer } = await answerTo("detect_elements", { image: screenshot });
    expect(images).toEqual([]);
    expect(text).toContain("annotated image is left out: it has 7.5 MB");
    expect(answer.elements).toHaveLength(2);
  });

  it("marks an answer that was stored before, with no times of its own", async () => {
    const cached = { runId: "run-00000001", createdAt: "2026-03-01T09:00:00.000Z" };
    host.nextRun = () => ({ ...sampleRun(), cached });
    const { answer, text } = await answerTo("detect_elements", { image: screenshot });
    expect(answer).toMatchObject({ cached: { run_id: cached.runId, created_at: cached.createdAt }, stages: [] });
    expect(text).toContain("as found before");
  });

  it("fails with the run's error and its hint", async () => {
    const error = { code: "OUT_OF_MEMORY", message: "It is too large.", hint: "Take a smaller one." } as const;
    host.nextRun = () => sampleRun({ status: "failed", error });
    expect(await failureOf("detect_elements", { image: screenshot })).toBe(
      "OUT_OF_MEMORY: It is too large.\nTake a smaller one.",
    );
  });

  it("keeps the stack of an internal error for the log", async () => {
    host.overrides.set("images.addPath", () => {
      throw new TypeError("something broke");
    });
    expect(await failureOf("detect_elements", { image: screenshot })).toBe("INTERNAL: something broke");
    expect(host.logged.join()).toContain("tools.test.ts");
  });

  it("cancels the run when the client cancels the call", async () => {
    host.nextRun = "hang";
    const cancel = new AbortController();
    const answer = call("detect_elements", { image: screenshot }, { signal: cancel.signal, onprogress: () => {} });
    const ended = expect(answer).rejects.toThrow();
    await eventually(() => expect(host.requests).toHaveLength(1));
    expect(host.cancelled).toEqual([]);
    cancel.abort("not wanted any more");
    await ended;
    await eventually(() => expect(host.cancelled).toEqual(["run-00000001"]));
    await eventually(() => expect(host.listenerCount).toBe(0));
  });
});

describe("the screenshot", () => {
  const bytes = Buffer.from("not really a PNG");

  it.each([bytes.toString("base64"), `data:image/png;base64,${bytes.toString("base64")}`])(
    "comes in base64 or as a data URL",
    async (base64) => {
      await answerTo("detect_elements", { image: { base64 } });
      expect(host.calls).toContainEqual({ method: "images.add", params: { bytes } });
    },
  );

  it("is the last one that was given, by whatever tool", async () => {
    expect(await failureOf("detect_elements", { image: "last" })).toContain("No screenshot was given");
    await answerTo("locate_element", { image: screenshot, target: "the button" });
    await answerTo("detect_elements", { image: { base64: bytes.toString("base64") } });
    await answerTo("locate_element", { image: "last", target: "the button" });
    const [first, second, third] = host.requests.map(({ imageId }) => imageId);
    expect(second).not.toBe(first);
    expect(third).toBe(second);
  });

  it("is the one of the call before, even while that is still being stored", async () => {
    await answerTo("detect_elements", { image: screenshot });
    const calls = [
      answerTo("detect_elements", { image: { path: samplePath("shop") }, annotated: false }),
      answerTo("locate_element", { image: "last", target: "the button", annotated: false }),
    ];
    expect((await Promise.all(calls)).map(({ answer }) => answer.image.name)).toEqual(["shop.png", "shop.png"]);
  });

  it.each([
    ["could not be read", { path: path.resolve("none.png") }],
    ["was base64 in the wrong place", { path: `/9j/${"A".repeat(5000)}` }],
  ])("is not an older one when the last %s", async (_what, image) => {
    await answerTo("detect_elements", { image: screenshot });
    await failureOf("detect_elements", { image });
    expect(await failureOf("detect_elements", { image: "last" })).toContain("last screenshot could not be read");
    expect(host.requests).toHaveLength(1);
    await answerTo("detect_elements", { image: screenshot });
    await answerTo("detect_elements", { image: "last" });
  });

  it("may have been deleted meanwhile", async () => {
    await answerTo("detect_elements", { image: screenshot });
    host.overrides.set("images.get", () => {
      throw new HoloscopeError("IMAGE_NOT_FOUND", "There is no image with this id.");
    });
    expect(await failureOf("detect_elements", { image: "last" })).toContain("IMAGE_NOT_FOUND");
  });

  it.each([
    ["a relative path", { path: "settings.png" }, "not an absolute path"],
    ["base64 as a path", { path: `iVBOR${"A".repeat(500)}` }, 'base64 under "base64"'],
    ["more of it", { path: `/9j/${"A".repeat(5000)}` }, 'base64 under "base64"'],
    ["a path to nothing", { path: path.resolve("none.png") }, "FILE_MISSING"],
    ["a URL", { base64: "https://example.com/a.png" }, "never fetched"],
    ["what is no base64", { base64: "a screenshot!" }, "neither base64"],
    ["too many bytes", { base64: "A".repeat(Math.ceil(((imageLimits.maxBytes + 1) * 4) / 3)) }, "PAYLOAD_TOO_LARGE"],
    ["a path without its name", "/tmp/a.png", 'takes {"path"'],
    ["both", { path: "/a.png", base64: "AAAA" }, 'takes {"path"'],
    ["nothing", undefined, 'takes {"path"'],
  ])("is refused with the reason: %s", async (_what, image, reason) => {
    expect(await failureOf("detect_elements", { image })).toContain(reason);
    expect(host.requests).toEqual([]);
  });
});

describe("locate_element", () => {
  it("asks for the target and answers with where to click it", async () => {
    host.nextRun = () =>
      sampleRun({ mode: "locate", target: "the blue button", detections: [sampleDetection(1)], belowThreshold: [] });
    const { answer, text, images } = await answerTo("locate_element", {
      image: screenshot,
      target: " the blue button ",
    });
    expect(host.requests[0]).toMatchObject({ mode: "locate", target: "the blue button" });
    expect(answer).toMatchObject({
      mode: "locate",
      target: "the blue button",
      elements: [{ click: { x: 30, y: 35 } }],
    });
    expect(text).toContain('1 place of "the blue button"');
    expect(images).toHaveLength(1);
  });

  it("needs a target", async () => {
    expect(await failureOf("locate_element", { image: screenshot })).toContain("target");
    expect(await failureOf("locate_element", { image: screenshot, target: " " })).toContain("target");
  });
});

describe("progress", () => {
  it("is told to those who ask, in rising numbers, of their own run only", async () => {
    host.nextRun = "hang";
    const told: { readonly progress: number; readonly message?: string | undefined }[] = [];
    const answer = call("detect_elements", { image: screenshot }, { onprogress: (progress) => told.push(progress) });
    await eventually(() => expect(host.requests).toHaveLength(1));
    const runId = "run-00000001";
    const other = "run-00000002";
    await eventually(() => expect(told).toHaveLength(1));
    host.emit("run.progress", { runId: other, phase: "generate", fraction: 0.9 });
    host.emit("run.progress", { runId, phase: "loading", fraction: 1 });
    host.emit("run.progress", { runId, phase: "encode" });
    host.emit("run.progress", { runId, phase: "generate", fraction: 0.5 });
    host.emit("run.progress", { runId, phase: "generate", fraction: 0.505 });
    host.emit("run.detection", { runId, detection: sampleDetection(1) });
    host.emit("run.detection", { runId: other, detection: sampleDetection(1) });
    host.emit("run.progress", { runId, phase: "generate", fraction: 0.6 });
    host.emit("run.progress", { runId, phase: "decode" });
    host.emit("run.progress", { runId, phase: "parse" });
    await host.call("runs.cancel", { runId });
    expect((await answer).isError).toBe(true);
    expect(told.map(({ message }) => message)).toEqual([
      "Waiting for its turn",
      "Loading the model",
      "Encoding the image",
      "Writing elements",
      "Writing elements, 1 element",
      "Finishing, 1 element",
    ]);
    const numbers = told.map(({ progress }) => progress);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(host.listenerCount).toBe(0);
  });

  it("costs nothing where nobody asks", async () => {
    host.nextRun = "hang";
    const answer = call("detect_elements", { image: screenshot });
    await eventually(() => expect(host.requests).toHaveLength(1));
    expect(host.listenerCount).toBe(0);
    await host.call("runs.cancel", { runId: "run-00000001" });
    await answer;
  });
});

describe("list_runs", () => {
  it("lists what the host has, in few words", async () => {
    const run = makeRun({ mode: "locate", target: "x".repeat(5000) });
    const named = runSummarySchema.parse({ ...summariseRun(run), name: "before", tags: ["a"], note: "slow" });
    host.overrides.set("runs.list", () => [named, summariseRun(makeRun({ status: "failed" }))]);
    const { structuredContent, text } = await call("list_runs", { image_id: run.image.id, limit: 5 });
    expect(host.calls.at(-1)).toEqual({ method: "runs.list", params: { imageId: run.image.id, limit: 5 } });
    const { runs } = toolRunListSchema.parse(structuredContent);
    expect(runs[0]).toMatchObject({ run_id: run.id, count: 3, name: "before", tags: ["a"], note: "slow" });
    expect(runs[0]?.target).toHaveLength(toolTextLimit);
    expect(text).toContain("2 runs, the newest first.");
    expect(text).toContain(`${run.id}: `);
    expect(text).toContain("failed");
  });

  it("says that there are none", async () => {
    host.overrides.set("runs.list", () => []);
    expect(await call("list_runs", {})).toMatchObject({ text: "There are no runs.", isError: false });
    expect(host.calls.at(-1)).toEqual({ method: "runs.list", params: { limit: 20 } });
  });
});

describe("get_run", () => {
  it("answers with a stored run, drawn if asked", async () => {
    const run = makeRun();
    stored(run);
    const { answer, images } = await answerTo("get_run", { run_id: run.id });
    expect(answer).toMatchObject({ run_id: run.id, status: "done", model: { id: run.model.id } });
    expect(answer.stages.map(({ stage }) => stage)).toEqual(run.stages.map(({ stage }) => stage));
    expect(images).toEqual([]);
    expect((await answerTo("get_run", { run_id: run.id, annotated: true })).images).toHaveLength(1);
  });

  it("tells why a run failed, which is no failure of its own", async () => {
    stored(makeRun({ status: "failed", error: { code: "ENGINE_CRASHED", message: "It ended.", hint: "Again." } }));
    const { answer, text } = await answerTo("get_run", { run_id: "run-00000001" });
    expect(answer).toMatchObject({ status: "failed", error: { code: "ENGINE_CRASHED", hint: "Again." } });
    expect(text).toContain("the run is failed");
    expect(text).toContain("It ended.\nAgain.");
  });

  it("bounds and numbers what a run file from elsewhere says", async () => {
    const long = "y".repeat(60_000);
    const run = makeRun({ boxes: [{ bbox: [-10, 5, 5.2, 5.3], label: long, text: long }] });
    stored({ ...run, detections: run.detections.map((each) => ({ ...each, id: "not a number" })) });
    const { answer } = await answerTo("get_run", { run_id: run.id, annotated: true });
    expect(answer.elements).toMatchObject([{ number: 1, bbox: { x1: 0, y1: 5, x2: 5, y2: 6 }, click: { x: 0, y: 5 } }]);
    expect(answer.elements[0]?.label).toHaveLength(toolTextLimit);
    expect(host.overlays[0]?.map(({ tag }) => tag)).toEqual(["1"]);
  });

  it("fails for a run that there is not", async () => {
    host.overrides.set("runs.get", () => {
      throw new HoloscopeError("RUN_NOT_FOUND", "There is no such run.");
    });
    expect(await failureOf("get_run", { run_id: "run-00000009" })).toContain("RUN_NOT_FOUND");
    expect(await failureOf("get_run", { run_id: "../../etc" })).toContain("run_id");
  });
});
