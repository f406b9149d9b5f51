import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kv } from "../support/gguf/metadata.ts";
import { writeSparseBf16 } from "../support/gguf/sparse-bf16.ts";
import { writeGguf } from "../support/gguf/writer.ts";
import { until } from "../support/patience.ts";
import { type Ended, startCli, whenEnded } from "./built-cli.ts";

/** `holoscope models convert` as a user runs it. */
describe("converting with the built command line", () => {
  let folder: string;
  let input: string;
  let output: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-convert-"));
    input = path.join(folder, "in.gguf");
    output = path.join(folder, "out.gguf");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const start = (...args: string[]) => startCli(["models", "convert", ...args], path.join(folder, "data"));
  const cli = (...args: string[]): Promise<Ended> => whenEnded(start(...args));
  const files = async () => (await readdir(folder)).filter((name) => name !== "data").sort();

  it("tells what it did, and refuses to write over a file", async () => {
    const values = () => Float32Array.from([1, 1e30]);
    await writeGguf(input, {
      metadata: { "general.architecture": kv.string("clip") },
      tensors: [{ name: "v.blk.0.ffn_up.weight", type: "bf16", shape: [2], values }],
    });
    const done = await cli(input, output, "--bf16-to", "f16");
    expect(done.code, done.err).toBe(0);
    expect(done.out).toContain("1 bf16 tensor (2 values) became f16");
    expect(done.out).toMatch(/v\.blk\.0\.ffn_up\.weight +1/);
    expect(done.out).toMatch(/^sha256 [0-9a-f]{64}$/m);
    expect(done.err).toContain("convert to f32 instead");
    await writeFile(output, "precious");
    const again = await cli(input, output, "--bf16-to", "f16");
    expect(again.code).toBe(1);
    expect(again.err).toContain('error: "out.gguf" exists already and is not replaced.');
    expect(await readFile(output, "utf8")).toBe("precious");
    expect((await cli(input, output, "--bf16-to", "q8_0")).code).toBe(2);
    expect((await cli(input, output)).code).toBe(2);
  });

  it.skipIf(process.platform === "win32")(
    "leaves no result when killed or interrupted, and the next run tidies up",
    async () => {
      await writeSparseBf16(input, 270e6);
      const partial = async () => (await files()).find((name) => name.endsWith(".partial"));
      for (const signal of ["SIGKILL", "SIGINT"] as const) {
        const child = start(input, output, "--bf16-to", "f32");
        const ended = whenEnded(child);
        // In the middle: it has begun to write.
        const written = async (): Promise<number> => {
          const own = (await files()).find((name) => name.includes(`-${child.pid}-`));
          return own === undefined ? 0 : (await stat(path.join(folder, own))).size;
        };
        await until(async () => child.exitCode !== null || (await written()) > 0);
        child.kill(signal);
        const { code } = await ended;
        expect(code).toBe(signal === "SIGKILL" ? null : 130);
        expect(existsSync(output), signal).toBe(false);
        if (signal === "SIGINT") expect(await files()).toEqual(["in.gguf"]);
        else expect(await partial()).toBeDefined();
      }
      const done = await cli(input, output, "--bf16-to", "f32");
      expect(done.code, done.err).toBe(0);
      expect(await files()).toEqual(["in.gguf", "out.gguf"]);
    },
  );
});
