import { afterAll, beforeAll, expect, it } from "vitest";
import { readGguf } from "../../app/gguf/read.ts";
import type { GeneratedToken, NativeSession } from "../../native/index.ts";
import { usual } from "../support/usual-native.ts";
import {
  answer,
  contextOptions,
  describeNative,
  generate,
  library,
  loadOptions,
  logs,
  NANO,
  noise,
  screenshot,
} from "./support.ts";

/** The detector's answer: a JSON array of boxes, written without spaces. */
const ANSWER_GRAMMAR = `root ::= "[" (item ("," item)*)? "]"
item ::= "{\\"bbox_2d\\":[" number "," number "," number "," number "],\\"label\\":\\"" [a-z_]+ "\\"}"
number ::= [0-9] [0-9]? [0-9]?`;

describeNative("a session on the bundled detector", () => {
  let session: NativeSession;

  beforeAll(async () => {
    session = await library().load(loadOptions());
    await session.configure(contextOptions());
  });

  afterAll(async () => {
    await session?.free();
  });

  it("describes machine and model", () => {
    const system = library().systemInfo();
    expect(system.llamaCppRelease).toMatch(/^v\d+\.\d+\.\d+$/);
    expect(system.physicalCores).toBeGreaterThanOrEqual(1);
    expect(system.devices.map((device) => device.type)).toEqual(["cpu"]);
    expect(system.devices[0]?.memoryTotal).toBeGreaterThan(2 ** 28);
    expect(session.model).toMatchObject({
      architecture: "qwen3vl",
      layers: 6,
      layersOnGpu: 0,
      vocabularySize: 2304,
      usesMrope: true,
      encoderDevice: "CPU",
    });
    expect(session.model.parameters).toBeGreaterThan(5e6);
    expect(session.model.modelBytes).toBeLessThan(2 * session.model.parameters);
  });

  it("reports progress that only grows and ends at 1", async () => {
    const fractions: number[] = [];
    const other = await library().load(loadOptions({ onProgress: (fraction) => fractions.push(fraction) }));
    await other.free();
    expect(fractions.length).toBeGreaterThan(0);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  it("counts image tokens by the model's 32 px cells, and fewer positions than tokens", async () => {
    const small = await session.prepare(noise(256, 160));
    expect(small.imageTokens).toBe(8 * 5);
    expect(small.positions).toBe(small.textTokens + 8); // an image takes max(columns, rows) positions
    const large = await session.prepare(noise(1280, 736));
    expect(large.imageTokens).toBe(40 * 23);
    expect(large.textTokens).toBe(small.textTokens);
  });

  it("finds the elements of a screenshot, the same ones each time", async () => {
    const input = await screenshot("settings", 1280, 736);
    const first = await answer(session, input, 512);
    expect(first.finish).toBe("eos");
    const elements: unknown = JSON.parse(first.text);
    expect(Array.isArray(elements) && elements.length).toBeGreaterThan(9);
    expect(first.list).toHaveLength(first.tokens);
    for (const token of first.list) {
      expect(token.overruled).toBe(false);
      expect(token.logProb).toBeLessThanOrEqual(0);
    }
    const again = await answer(session, input, 512, ANSWER_GRAMMAR);
    expect(again.text).toBe(first.text);
    again.list.forEach((token, i) => {
      expect(token.logProb).toBeCloseTo(first.list[i]?.logProb ?? Number.NaN, 3);
    });
  });

  it("can answer several prompts about one encoded image", async () => {
    await session.prepare(noise(256, 256));
    await session.encode(usual.encode);
    await session.prefill();
    const first = await generate(session, 12);
    await session.prefill();
    expect((await generate(session, 12)).text).toBe(first.text);
  });

  it("obeys a grammar, marks overruled tokens and keeps the model's own probability", async () => {
    await session.prepare(noise(256, 256));
    await session.encode(usual.encode);
    await session.prefill();
    const free = await generate(session, 1);
    const [own] = free.list;
    await session.prefill();
    const forced = await generate(session, 16, 'root ::= "no"');
    expect(forced.text).toBe("no");
    expect(forced.finish).not.toBe("length");
    expect(forced.list[0]?.overruled).toBe(true);
    // Two different first tokens: their probabilities add up to at most 1.
    const total = Math.exp(own?.logProb ?? 0) + Math.exp(forced.list[0]?.logProb ?? 0);
    expect(total).toBeLessThanOrEqual(1.0001);
    expect(forced.list[0]?.logProb).toBeLessThan(own?.logProb ?? 0);
  });

  it("finds what a grammar asks for among the unlikeliest tokens too", async () => {
    await session.prepare(noise(256, 256));
    await session.encode(usual.encode);
    for (const word of ["zqx", "}}}"]) {
      await session.prefill();
      expect((await generate(session, 16, `root ::= "${word}"`)).text).toBe(word);
    }
  });

  it("stops at maxTokens and delivers every token before the promise settles", async () => {
    const result = await answer(session, await screenshot("settings", 640, 384), 7);
    expect(result).toMatchObject({ tokens: 7, finish: "length" });
    expect(result.list).toHaveLength(7);
  });

  it("hands an exception of the listener to the caller and stays usable", async () => {
    await session.prepare(await screenshot("settings", 640, 384));
    await session.encode(usual.encode);
    await session.prefill();
    const onTokens = (_tokens: readonly GeneratedToken[]): void => {
      throw new Error("listener");
    };
    await expect(session.generate({ ...usual.generate, maxTokens: 50, grammar: "", onTokens })).rejects.toThrow(
      "listener",
    );
    await session.prefill();
    expect((await generate(session, 3)).tokens).toBe(3);
  });

  it("keeps the context when nothing changed, and replaces it otherwise", async () => {
    await session.prepare(noise(256, 256));
    await session.configure(contextOptions());
    await expect(session.encode(usual.encode)).resolves.toBeDefined();
    await session.configure(contextOptions({ contextTokens: 1024 }));
    await expect(session.encode(usual.encode)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await session.configure(contextOptions());
  });

  it("accounts for memory by device", async () => {
    await answer(session, noise(256, 256), 1);
    const memory = session.memory();
    const [language] = memory.languageModel;
    expect(memory.languageModel).toHaveLength(1);
    expect(language?.device).toBe("CPU");
    expect(language?.model).toBeCloseTo(session.model.modelBytes, -6);
    const { metadata } = await readGguf(NANO.modelPath);
    const width =
      Number(metadata["qwen3vl.attention.head_count_kv"]) * Number(metadata["qwen3vl.attention.key_length"]);
    expect(language?.kvCache).toBe(2048 * 6 * 2 * width * 2); // cells x layers x (keys, values) x width x half floats
    expect(language?.compute).toBeGreaterThan(0);
    expect(memory.visionEncoder[0]?.model).toBeGreaterThan(9e6);
    expect(memory.visionEncoder[0]?.compute).toBeGreaterThan(1e6);
    expect(memory.residentBytes).toBeGreaterThan(session.model.modelBytes);
  });

  it("passes on what llama.cpp says", () => {
    expect(logs.some((log) => log.text.includes("KV buffer size"))).toBe(true);
    expect(logs.every((log) => ["debug", "info", "warn", "error"].includes(log.level))).toBe(true);
  });
});
