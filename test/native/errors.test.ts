import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NativeError, type NativeSession, openNative } from "../../native/index.ts";
import { hostileSamples, writeDamaged, writeRandomBytes } from "../support/gguf/corrupt.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
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

  it("reads a header: values, array lengths, tensors", async () => {
    const header = await library().readGguf(NANO.modelPath);
    expect(header.version).toBe(3);
    expect(header.fileBytes).toBe((await readFile(NANO.modelPath)).length);
    expect(header.metadata["general.architecture"]).toBe("qwen3vl");
    expect(header.metadata["qwen3vl.block_count"]).toBe(6);
    expect(header.metadata["tokenizer.ggml.tokens"]).toHaveLength(64);
    expect(header.arrayLengths["tokenizer.ggml.tokens"]).toBe(2304);
    const embedding = header.tensors.find((tensor) => tensor.name === "token_embd.weight");
    expect(embedding).toEqual({
      name: "token_embd.weight",
      type: "q8_0",
      shape: [384, 2304],
      bytes: (384 * 2304 * 34) / 32, // q8_0: 34 bytes for 32 values
    });
  });

  it("answers every truncation of both files with a typed error", async () => {
    for (const source of [NANO.modelPath, NANO.mmprojPath]) {
      const size = (await readFile(source)).length;
      const file = path.join(dir, "cut.gguf");
      await copyFile(source, file);
      const places = Array.from({ length: 22 }, (_, i) => Math.floor(size * 0.93 ** (i * 8)));
      // Longest first: each cut shortens the same file.
      for (const bytes of [size - 1, ...places.slice(1), 200, 24, 23, 12, 5, 4]) {
        await truncate(file, bytes);
        await expect(library().readGguf(file), `${bytes} bytes`).rejects.toMatchObject({ code: "GGUF_TRUNCATED" });
      }
      await truncate(file, 3);
      await expect(library().readGguf(file)).rejects.toMatchObject({ code: "NOT_A_GGUF" });
    }
  });

  it("answers hostile headers fast and without reserving what they claim", async () => {
    const before = process.memoryUsage.rss();
    const start = performance.now();
    for (const [name, apply] of Object.entries(hostileSamples("v.blk.0.attn_out.weight"))) {
      const file = await writeDamaged(NANO.mmprojPath, path.join(dir, "hostile.gguf"), apply);
      if (name === "empty tensor") continue; // a sound header; only loading can refuse it
      await expect(library().readGguf(file), name).rejects.toMatchObject({
        code: expect.stringMatching(/^(NOT_A_GGUF|GGUF_TRUNCATED)$/),
      });
    }
    expect(performance.now() - start).toBeLessThan(5000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  });

  it.each(["modelPath", "mmprojPath"] as const)("names what is wrong with %s", async (which) => {
    const random = await writeRandomBytes(path.join(dir, "random.gguf"), 5000);
    const empty = path.join(dir, "empty.gguf");
    await writeFile(empty, "");
    const other = which === "modelPath" ? NANO.mmprojPath : NANO.modelPath;
    const cases = [
      [path.join(dir, "absent.gguf"), "FILE_MISSING"],
      [dir, "FILE_MISSING"],
      [random, "NOT_A_GGUF"],
      [empty, "NOT_A_GGUF"],
      [other, "WRONG_ARCHITECTURE"],
    ] as const;
    for (const [file, code] of cases) {
      const failure = await library()
        .load(loadOptions({ [which]: file }))
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(NativeError);
      expect(failure).toMatchObject({ code, message: expect.stringContaining(path.basename(file)) });
    }
  });

  it("says that model and mmproj are swapped", async () => {
    await expect(
      library().load(loadOptions({ modelPath: NANO.mmprojPath, mmprojPath: NANO.modelPath })),
    ).rejects.toMatchObject({ code: "WRONG_ARCHITECTURE", message: expect.stringContaining("swapped") });
  });

  it("refuses an mmproj of another model, with both widths", async () => {
    const tiny = await writeTinyQwen25vlPair(path.join(dir, "tiny"));
    await expect(library().load(loadOptions({ mmprojPath: tiny.mmprojPath }))).rejects.toMatchObject({
      code: "MMPROJ_MISMATCH",
      message: expect.stringMatching(/128.*384/),
    });
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
    await expect(session.encode(), "nothing is prepared").rejects.toMatchObject({ code: "BAD_ARGUMENT" });
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
    await session.encode();
    await session.prefill();
    for (const grammar of ["root ::= (", 'start ::= "a"', "root ::= missing", "root ::= root"]) {
      await expect(generate(session, 5, grammar), grammar).rejects.toMatchObject({ code: "BAD_GRAMMAR" });
    }
    expect((await generate(session, 2)).tokens).toBeGreaterThan(0);
  });

  it("answers BUSY while a call runs", async () => {
    await session.prepare(noise(640, 640));
    const running = session.encode();
    await expect(session.encode()).rejects.toMatchObject({ code: "BUSY" });
    await expect(session.configure(contextOptions())).rejects.toMatchObject({ code: "BUSY" });
    await running;
  });

  it("refuses a second variant in one process", () => {
    expect(() => openNative("cuda")).toThrow(expect.objectContaining({ code: "NATIVE_MISSING" }));
    expect(openNative("cpu")).toBe(library());
  });
});
