import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NativeError, type NativeSession, openNative } from "../../native/index.ts";
import { writeRandomBytes } from "../support/gguf/corrupt.ts";
import { usual } from "../support/usual-native.ts";
import { answer, contextOptions, describeNative, generate, library, loadOptions, NANO, noise } from "./support.ts";

describeNative("native errors", () => {
  let dir: string;
  let session: NativeSession;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "native-errors-"));
    session = await library().load(loadOptions());
    await session.configure(contextOptions());
  });

  afterAll(async () => {
    await session?.free();
    await rm(dir, { recursive: true, force: true });
  });

  it.each(["modelPath", "mmprojPath"] as const)("survives a %s that is no model", async (which) => {
    const random = await writeRandomBytes(path.join(dir, "random.gguf"), 5000);
    for (const file of [random, dir, path.join(dir, "absent.gguf")]) {
      const failure = await library()
        .load(loadOptions({ [which]: file }))
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(NativeError);
      expect(failure).toMatchObject({
        code: "MODEL_LOAD_FAILED",
        message: expect.stringContaining(path.basename(file)),
      });
    }
  });

  it("passes on why llama.cpp refuses a model", async () => {
    const renamed = path.join(dir, "unknown.gguf");
    const bytes = await readFile(NANO.modelPath);
    bytes.write("qwen9xx", bytes.indexOf("qwen3vl"));
    await writeFile(renamed, bytes);
    await expect(library().load(loadOptions({ modelPath: renamed }))).rejects.toMatchObject({
      code: "WRONG_ARCHITECTURE",
      message: expect.stringContaining("qwen9xx"),
    });
  });

  it("says how much context is missing, and counts tokens, not positions", async () => {
    const input = noise(640, 640); // 400 tokens, 20 positions
    const { imageTokens, textTokens } = await session.prepare({ ...input, reserveTokens: 0 });
    await session.configure(contextOptions({ contextTokens: 512, batchTokens: 512, ubatchTokens: 512 }));
    const room = 512 - imageTokens - textTokens;
    await expect(session.prepare({ ...input, reserveTokens: room })).resolves.toBeDefined();
    await expect(session.prepare({ ...input, reserveTokens: room + 1 })).rejects.toMatchObject({
      code: "CONTEXT_TOO_SMALL",
      message: expect.stringMatching(/400.*513.*512/),
    });
    await expect(session.encode(usual.encode), "nothing is prepared").rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it("refuses to write beyond the context", async () => {
    await session.configure(contextOptions({ contextTokens: 256, batchTokens: 256, ubatchTokens: 256 }));
    await expect(answer(session, noise(256, 256), 1000, "root ::= [0-9]*")).rejects.toMatchObject({
      code: "CONTEXT_TOO_SMALL",
    });
    await session.configure(contextOptions());
  });

  it("refuses bad arguments", async () => {
    const input = noise(64, 64);
    const bad = [
      { ...input, width: 65 },
      { ...input, width: 0, rgb: new Uint8Array(0) },
      { ...input, width: 1.5 },
      { ...input, prompt: "no marker" },
      { ...input, prompt: "<__media__><__media__>" },
      { ...input, reserveTokens: -1 },
      { ...input, reserveTokens: Number.NaN },
    ];
    for (const one of bad) await expect(session.prepare(one)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    for (const one of [
      { contextTokens: 0 },
      { ubatchTokens: 4096 },
      { generateThreads: 0 },
      { prefillThreads: 9999 },
    ]) {
      await expect(session.configure(contextOptions(one))).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    }
    await expect(library().load(loadOptions({ encodeThreads: 0 }))).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it("refuses a context that cannot be allocated", async () => {
    const absurd = contextOptions({ contextTokens: 2_000_000_000 });
    await expect(session.configure(absurd)).rejects.toMatchObject({ code: "OUT_OF_MEMORY" });
    await session.configure(contextOptions());
  });

  it("refuses a grammar that does not parse, and leaves the prefill usable", async () => {
    await session.prepare(noise(64, 64));
    await session.encode(usual.encode);
    await session.prefill();
    for (const grammar of ["root ::= (", 'start ::= "a"', "root ::= missing", "root ::= root"]) {
      await expect(generate(session, 5, grammar), grammar).rejects.toMatchObject({ code: "BAD_GRAMMAR" });
    }
    expect((await generate(session, 2)).tokens).toBeGreaterThan(0);
  });

  it("answers BUSY while a call runs", async () => {
    await session.prepare(noise(640, 640));
    const running = session.encode(usual.encode);
    await expect(session.encode(usual.encode)).rejects.toMatchObject({ code: "BUSY" });
    await expect(session.configure(contextOptions())).rejects.toMatchObject({ code: "BUSY" });
    await running;
  });

  it("refuses a second variant in one process", () => {
    expect(() => openNative("cuda")).toThrow(expect.objectContaining({ code: "NATIVE_MISSING" }));
    expect(openNative("cpu")).toBe(library());
  });
});
