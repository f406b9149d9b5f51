import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type EngineMessage,
  type EngineReply,
  type EngineResult,
  engineMessageSchema,
  resolveSettings,
} from "../../app/contract/index.ts";
import { EngineProgram } from "../../app/engine/program.ts";
import { imageIdOf } from "../support/image-id.ts";
import { FakeNative, token } from "./fake-native.ts";
import { writeHeaders } from "./headers.ts";

let folder: string;
let imagePath: string;
let other: string;
let pair: { modelPath: string; mmprojPath: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holoscope-prefetch-"));
  pair = await writeHeaders(folder);
  const draw = async (name: string, background: string): Promise<string> => {
    const file = join(folder, name);
    await sharp({ create: { width: 1000, height: 700, channels: 3, background } })
      .png()
      .toFile(file);
    return file;
  };
  imagePath = await draw("image.png", "#336699");
  other = await draw("other.png", "#996633");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let native: FakeNative;
let program: EngineProgram;
let messages: EngineMessage[];
beforeEach(async () => {
  const box = token('{"bbox_2d":[0,0,500,500],"label":"button"}');
  native = new FakeNative({ answer: [token("["), box, token("]")] });
  messages = [];
  program = new EngineProgram(
    (message) => messages.push(engineMessageSchema.parse(structuredClone(message))),
    () => native,
  );
  await ask({ type: "init", backend: "cpu" });
});

let requests = 0;
async function ask(request: object, id = `r${requests++}`): Promise<EngineReply> {
  await program.receive({ id, ...request });
  const reply = messages.find((message) => message.type === "reply" && message.id === id);
  if (reply?.type !== "reply") throw new Error("There is no reply.");
  return reply.reply;
}

const settings = resolveSettings("balanced", { maxImageTokens: 400, maxNewTokens: 64 });
const imageAt = (file: string) => ({ imageId: imageIdOf(file), imagePath: file });
const prefetch = (more: object = {}) => ask({ type: "prefetch", ...imageAt(imagePath), pair, settings, ...more });
async function detect(more: object = {}): Promise<EngineResult> {
  const reply = await ask({ type: "detect", ...imageAt(imagePath), pair, mode: "detect", settings, ...more });
  if (reply.kind !== "detected") throw new Error(JSON.stringify(reply));
  return reply.value;
}
const overlapped = ({ stages }: EngineResult) =>
  stages.filter(({ overlappedMs }) => overlappedMs !== undefined).map(({ stage }) => stage);

describe("an image prepared ahead", () => {
  it("gives the model the same pixels; its stages are marked, say what was waited for, and add up", async () => {
    const before = await detect();
    expect(overlapped(before)).toEqual([]);
    expect(await prefetch()).toEqual({ kind: "done" });
    const after = await detect();
    expect(overlapped(after)).toEqual(["decode", "preprocess"]);
    const [first, second] = native.prompts.slice(-2);
    expect({ ...second, rgb: undefined }).toEqual({ ...first, rgb: undefined });
    expect(Buffer.compare(second?.rgb ?? Buffer.alloc(0), first?.rgb ?? Buffer.alloc(1))).toBe(0);
    expect(second?.rgb.length).toBe(before.input.width * before.input.height * 3);
    expect(after.detections).toEqual(before.detections);
    const decode = after.stages.find(({ stage }) => stage === "decode");
    expect(decode?.overlappedMs).toBeGreaterThan(0);
    expect(decode?.ms).toBeLessThan(decode?.overlappedMs ?? 0);
    expect(after.stages.some(({ reused }) => reused)).toBe(false);
    const sum = after.stages.reduce((total, { ms }) => total + ms, 0);
    expect(Math.abs(sum - after.totalMs)).toBeLessThanOrEqual(after.totalMs * 0.02);
  });

  it("serves one detection, also one that comes before it is ready", async () => {
    await detect();
    const [, during] = await Promise.all([prefetch(), detect()]);
    expect(overlapped(during)).toEqual(["decode", "preprocess"]);
    expect(overlapped(await detect())).toEqual([]);
  });

  it("is not kept when another image comes, of which there is one at a time", async () => {
    await detect();
    await prefetch();
    await prefetch(imageAt(other));
    expect(overlapped(await detect())).toEqual([]);
    expect(overlapped(await detect(imageAt(other)))).toEqual([]);
    await prefetch(imageAt(other));
    expect(overlapped(await detect(imageAt(other)))).toEqual(["decode", "preprocess"]);
  });

  it("is not used by a measured, profiled or focused run, with the setting off, or at another size", async () => {
    await detect();
    const focus = { previousRunId: "run-00000001", previousImagePath: other, previousDetections: [] };
    for (const more of [
      { fresh: true },
      { profileOps: true },
      { focus },
      { settings: { ...settings, prefetch: false } },
      { settings: { ...settings, maxImageTokens: 200 } },
    ]) {
      await prefetch();
      expect(overlapped(await detect(more))).toEqual([]);
    }
  });

  it("is dropped when it is cancelled", async () => {
    await detect();
    const [reply] = await Promise.all([
      ask({ type: "prefetch", ...imageAt(imagePath), pair, settings }, "ahead"),
      ask({ type: "cancel", target: "ahead" }),
    ]);
    expect(reply).toEqual({ kind: "done" });
    expect(overlapped(await detect())).toEqual([]);
  });

  it("is not begun without the model, and what is wrong with it is told by its detection", async () => {
    await prefetch();
    expect(overlapped(await detect())).toEqual([]);
    const missing = imageAt(join(folder, "missing.png"));
    expect(await prefetch(missing)).toEqual({ kind: "done" });
    const reply = await ask({ type: "detect", ...missing, pair, mode: "detect", settings });
    expect(reply).toMatchObject({ kind: "failed", error: { code: "FILE_MISSING" } });
  });
});
