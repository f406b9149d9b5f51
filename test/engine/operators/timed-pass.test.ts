import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type EngineMessage,
  type EngineReply,
  engineMessageSchema,
  resolveSettings,
} from "../../../app/contract/index.ts";
import { EngineProgram } from "../../../app/engine/program.ts";
import { NativeError } from "../../../native/index.ts";
import { imageIdOf } from "../../support/image-id.ts";
import { FakeNative, type FakeOptions, token } from "../fake-native.ts";
import { writeHeaders } from "../headers.ts";
import { node } from "./nodes.ts";

let folder = "";
let request: object = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holoscope-pass-"));
  const imagePath = join(folder, "image.png");
  const drawn = sharp({ create: { width: 320, height: 320, channels: 3, background: "#ffffff" } });
  await drawn.png().toFile(imagePath);
  const settings = resolveSettings("balanced");
  const image = { imageId: imageIdOf(imagePath), imagePath };
  request = { type: "detect", ...image, pair: await writeHeaders(folder), mode: "detect", settings, profileOps: true };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const answer = ["[", '{"bbox_2d":[0,0,500,500],"label":"button"}', "]"].map((text) => token(text));
const nodes = (["encode", "prefill", "generate"] as const).map((stage) =>
  node("MUL_MAT", "ffn_up-0", ["blk.0.ffn_up.weight", "x"], { stage }),
);

/** Asks a program with a fake native library for one profiled detection. */
async function detectWith(options: FakeOptions = {}, onProgram: (program: EngineProgram) => void = () => {}) {
  const native = new FakeNative({ answer, nodes, ...options });
  const messages: EngineMessage[] = [];
  const program = new EngineProgram(
    (message) => messages.push(engineMessageSchema.parse(structuredClone(message))),
    () => native,
  );
  onProgram(program);
  await program.receive({ type: "init", id: "i", backend: "cpu" });
  await program.receive({ id: "d", ...request });
  const reply = messages.flatMap((one) => (one.type === "reply" && one.id === "d" ? [one.reply] : []))[0];
  return { native, messages, reply };
}

const resultOf = (reply: EngineReply | undefined) => {
  if (reply?.kind !== "detected") throw new Error(`not detected: ${JSON.stringify(reply)}`);
  return reply.value;
};

/** Throws in the call of this name, the second time: the one of the timed pass. */
const failingSecond = (name: string) => {
  let seen = 0;
  return (call: string) => {
    if (call === name && ++seen === 2) throw new NativeError("OUT_OF_MEMORY", "There is no memory left.");
  };
};

describe("a detection with a profiled pass", () => {
  it("repeats the stages after the run has ended, in a context of its own, and puts the run's back", async () => {
    const { native, messages, reply } = await detectWith();
    const { stages, opProfile, totalMs } = resultOf(reply);
    expect(opProfile).toMatchObject({ sameAnswer: true, tokens: { generated: 3 } });
    expect(opProfile?.stages.map(({ stage, nodes }) => [stage, nodes])).toEqual([
      ["encode", 1],
      ["prefill", 1],
      ["generate", 1],
    ]);
    for (const { stage, unprofiledMs } of opProfile?.stages ?? []) {
      expect(unprofiledMs).toBe(stages.find((one) => one.stage === stage)?.ms);
    }
    expect(stages.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(totalMs, 3);
    const [plain, profiled, restored] = native.contexts;
    expect(native.contexts).toHaveLength(3);
    expect(plain).toHaveProperty("timeNodes", false);
    expect(profiled).toEqual({ ...plain, timeNodes: true });
    expect(restored).toEqual(plain);
    const [prompt, repeated] = native.prompts;
    expect({ ...repeated, rgb: undefined }).toEqual({ ...prompt, rgb: undefined });
    expect(Buffer.compare(repeated?.rgb ?? Buffer.alloc(0), prompt?.rgb ?? Buffer.alloc(1))).toBe(0);
    expect(native.grammars[1]).toBe(native.grammars[0]);
    const fractions = messages.flatMap((one) =>
      one.type === "progress" && one.phase === "profile" ? [one.fraction] : [],
    );
    expect(fractions[0]).toBe(0);
    expect(fractions).toEqual([...fractions].sort((a, b) => Number(a) - Number(b)));
    expect(fractions.at(-1)).toBe(1);
    // The pass streams nothing: elements and stages are those of the run.
    expect(messages.filter((one) => one.type === "detection")).toHaveLength(1);
    expect(messages.filter((one) => one.type === "stage")).toHaveLength(stages.length);
  });

  it.each(["configure", "encode", "generate"])(
    "keeps the run when the pass fails in %s, and says why",
    async (call) => {
      const { native, reply } = await detectWith({ before: failingSecond(call) });
      const result = resultOf(reply);
      expect(result.opProfile).toBeUndefined();
      expect(result.detections).toHaveLength(1);
      expect(result.warnings).toEqual([
        { code: "PROFILE_FAILED", message: expect.stringContaining("There is no memory left") },
      ]);
      expect(native.contexts.at(-1)).toHaveProperty("timeNodes", false);
    },
  );

  it("is cancelled as a whole, and puts the run's context back even then", async () => {
    let program: EngineProgram | undefined;
    let encodes = 0;
    const before = async (call: string): Promise<void> => {
      if (call === "encode" && ++encodes === 2) await program?.receive({ type: "cancel", id: "c", target: "d" });
    };
    const { native, reply } = await detectWith({ before }, (one) => {
      program = one;
    });
    expect(reply).toMatchObject({ kind: "failed", error: { code: "CANCELLED" } });
    expect(native.contexts.at(-1)).toHaveProperty("timeNodes", false);
    expect(native.calls.filter((call) => call === "prefill")).toHaveLength(1);
  });
});
