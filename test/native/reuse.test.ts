import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NativeSession, Prefilled, PromptInput } from "../../native/index.ts";
import type { TinyPair } from "../support/gguf/tiny-pair.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { writeTinyQwen35Pair } from "../support/gguf/tiny-qwen35.ts";
import { usual } from "../support/usual-native.ts";
import { type Answer, contextOptions, describeNative, generate, library, loadOptions, NANO, noise } from "./support.ts";

const MIB = 1024 * 1024;
const tokens = 24;
/** Sides that are whole for cells of 28 and of 32 px. */
const [width, height] = [448, 224] as const;

const question = (text: string, before = "") =>
  `<|im_start|>user\n${before}<__media__>${text}<|im_end|>\n<|im_start|>assistant\n`;
const first = question("Detect every UI element. Answer in JSON.");
const second = question("Where is the save button? Answer with a box, please.");

interface Asked extends Answer {
  readonly encodeReused: boolean;
  readonly reuse: Prefilled["reuse"];
}

async function ask(session: NativeSession, input: PromptInput): Promise<Asked> {
  await session.prepare(input);
  const { reused } = await session.encode(usual.encode);
  const { reuse } = await session.prefill();
  return { ...(await generate(session, tokens)), encodeReused: reused, reuse };
}

const written = ({ list }: Answer) => list.map(({ id, logProb }) => [id, logProb]);
const kept = (imageKey: string, changes: Partial<PromptInput> = {}): PromptInput =>
  noise(width, height, { prompt: first, imageKey, keepMegabytes: 64, ...changes });
const withoutPixels = { rgb: new Uint8Array(0) };
/** Another picture of the same size. */
const other = (): Partial<PromptInput> => ({ rgb: noise(width, height).rgb.map((value) => 255 - value) });

describeNative("an image that is asked about again", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "holoscope-reuse-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const pairs: readonly (readonly [string, () => Promise<TinyPair>])[] = [
    ["the bundled detector", async () => NANO],
    ["a tiny Qwen2.5-VL", () => writeTinyQwen25vlPair(folder)],
    ["a tiny Qwen3-VL", () => writeTinyQwen3vlPair(folder)],
    ["a tiny Qwen3.5", () => writeTinyQwen35Pair(folder)],
    ["a tiny Qwen3.5 of experts", () => writeTinyQwen35Pair(folder, { experts: true })],
  ];

  describe.each(pairs)("with %s", (_name, pair) => {
    let session: NativeSession;
    /** What a session that keeps nothing writes. */
    let fresh: Answer;
    beforeAll(async () => {
      session = await library().load(loadOptions(await pair()));
      await session.configure(contextOptions());
      fresh = await ask(session, noise(width, height, { prompt: second }));
    });
    afterAll(() => session?.free());

    it("is neither encoded nor read again, and the answer is the same to the last bit", async () => {
      const before = await ask(session, kept("a"));
      expect(before).toMatchObject({ encodeReused: false, reuse: undefined });
      expect(session.keeps("a")).toBe(true);
      expect(session.keeps("b")).toBe(false);
      const again = await ask(session, kept("a", { prompt: second, ...withoutPixels }));
      expect(again).toMatchObject({ encodeReused: true, reuse: { kind: "kvPrefix", restoreMs: 0 } });
      expect(again.reuse?.bytes).toBeGreaterThan(0);
      expect(written(again)).toEqual(written(fresh));
      expect(written(await ask(session, kept("a")))).toEqual(written(before));
    });

    it("comes back after another image and after the context has grown", async () => {
      for (let index = 0; index < 2; index++) await ask(session, kept("a"));
      const changed = await ask(session, kept("b", { prompt: second, ...other() }));
      expect(changed.encodeReused).toBe(false);
      expect(written(changed)).not.toEqual(written(fresh));
      const back = await ask(session, kept("a", { prompt: second, ...withoutPixels }));
      expect(back.reuse?.kind).toBe("kvPrefix");
      expect(back.reuse?.restoreMs).toBeGreaterThan(0);
      expect(written(back)).toEqual(written(fresh));

      await session.configure(contextOptions({ contextTokens: 3072 }));
      const grown = await ask(session, kept("a", { prompt: second, ...withoutPixels }));
      await session.configure(contextOptions());
      expect(grown.reuse?.restoreMs).toBeGreaterThan(0);
      expect(written(grown)).toEqual(written(fresh));
    });

    it("comes back as embeddings if it was asked about once only", async () => {
      await ask(session, kept("once"));
      await ask(session, kept("b", { prompt: second, ...other() }));
      const back = await ask(session, kept("once", { prompt: second, ...withoutPixels }));
      expect(back).toMatchObject({ encodeReused: true, reuse: { kind: "embeddings" } });
      expect(written(back)).toEqual(written(fresh));
    });

    it("is read again, but not encoded, where the text before it or the batch is another", async () => {
      await ask(session, kept("a"));
      const prompt = question("Where is it?", "Look: ");
      const plain = await ask(session, noise(width, height, { prompt }));
      await ask(session, kept("a"));
      const led = await ask(session, kept("a", { prompt, ...withoutPixels }));
      expect(led).toMatchObject({ encodeReused: true, reuse: { kind: "embeddings" } });
      expect(written(led)).toEqual(written(plain));

      await session.configure(contextOptions({ batchTokens: 32, ubatchTokens: 32 }));
      const split = await ask(session, kept("a", { prompt: second, ...withoutPixels }));
      const splitFresh = await ask(session, noise(width, height, { prompt: second }));
      await session.configure(contextOptions());
      expect(split.reuse?.kind).toBe("embeddings");
      expect(written(split)).toEqual(written(splitFresh));
    });

    it("is whole again after a call was cancelled at any stage", async () => {
      await ask(session, kept("a"));
      const cancelled = async (call: Promise<unknown>): Promise<void> => {
        session.cancel();
        await call.catch((error: unknown) => expect(error).toMatchObject({ code: "CANCELLED" }));
      };
      await session.prepare(kept("b", other()));
      await cancelled(session.encode(usual.encode));
      await session.prepare(kept("c", other()));
      await session.encode(usual.encode);
      await cancelled(session.prefill());
      await session.prepare(kept("a", { prompt: second, ...withoutPixels }));
      await session.encode(usual.encode);
      await cancelled(session.prefill());
      await session.prefill();
      await cancelled(generate(session, tokens));
      expect(written(await ask(session, kept("a", { prompt: second, ...withoutPixels })))).toEqual(written(fresh));
      const changed = await ask(session, noise(width, height, { prompt: second, ...other() }));
      expect(written(await ask(session, kept("c", { prompt: second, ...other() })))).toEqual(written(changed));
    });

    it("is forgotten beyond the budget, the least recently used first", async () => {
      for (const key of ["p", "q", "r"]) await ask(session, kept(key));
      await ask(session, kept("p", withoutPixels));
      const one = session.memory().keptImages / 3;
      expect(one).toBeGreaterThan(0);
      // From one MiB down: as many as fit, and the last one used in any case that fits by itself.
      await ask(session, kept("p", { keepMegabytes: 1, ...withoutPixels }));
      expect(session.memory().keptImages).toBeLessThanOrEqual(MIB);
      expect(session.keeps("p")).toBe(true);
      for (let index = 0; index < 9; index++) await ask(session, kept(`n${index}`));
      expect(session.keeps("p")).toBe(false);
      expect(session.keeps("n8")).toBe(true);
      await session.prepare(kept("n8", { keepMegabytes: 0 }));
      expect(session.keeps("n8")).toBe(false);
      expect((await session.encode(usual.encode)).reused).toBe(false);
      expect(session.memory().keptImages).toBe(0);
      await expect(session.prepare(kept("n8", withoutPixels))).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    });
  });
});
