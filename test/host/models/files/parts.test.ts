import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { type ModelJob, modelJobSchema } from "../../../../app/contract/index.ts";
import { estimateFit, readContextShape } from "../../../../app/host/models/files/fit.ts";
import { JobBoard, type JobReporter } from "../../../../app/host/models/files/jobs.ts";
import { convertedName } from "../../../../app/host/models/files/model-files.ts";
import { Speed } from "../../../../app/host/models/files/speed.ts";
import { writeTinyQwen35Pair } from "../../../support/gguf/tiny-qwen35.ts";
import { until } from "../../../support/patience.ts";

const gb = 1e9;

describe("whether a model fits", () => {
  // Holo1.5-7B: 28 layers, 4 key-value heads of 128 values; Q4_K_M and f16 mmproj.
  const shape = { layers: 28, kvHeads: 4, keyLength: 128, valueLength: 128, stateBytes: 0 };
  const weights = 6.03 * gb;

  it("adds context and buffers to the weights, by formula", () => {
    const fit = estimateFit(weights, shape, { ramBytes: 64 * gb, gpuBytes: undefined });
    expect(fit.needBytes).toBe(Math.ceil(weights * 1.2 + 28 * 8192 * 4 * 256 * 2 + 64 * 2 ** 20));
    expect(fit.source).toContain("Estimate");
    expect(fit.gpuBytes).toBeUndefined();
  });

  it.each([
    [16, 24, "gpu"],
    [32, 6, "gpu-partly"],
    [16, undefined, "cpu"],
    [8, undefined, "too-large"],
    [8, 6, "too-large"],
  ])("in %s GB of memory and a GPU of %s GB: %s", (ram, gpu, verdict) => {
    const memory = { ramBytes: ram * gb, gpuBytes: gpu === undefined ? undefined : gpu * gb };
    expect(estimateFit(weights, shape, memory).verdict).toBe(verdict);
    expect(estimateFit(weights, undefined, memory).verdict).toBe(verdict);
  });
});

it("the context of a model with recurrent layers is that of the others and the states", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "holoscope-fit-"));
  const { modelPath } = await writeTinyQwen35Pair(folder);
  const shape = await readContextShape(modelPath);
  // One layer in four attends; the others keep 2 heads of 64 x 64, and 3 inputs of 256 values.
  const stateBytes = 3 * 4 * (2 * 64 * 64 + 3 * 256);
  expect(shape).toEqual({ layers: 1, kvHeads: 1, keyLength: 64, valueLength: 64, stateBytes });
  const onCpu = { ramBytes: 64 * gb, gpuBytes: undefined };
  expect(estimateFit(0, shape, onCpu).needBytes).toBe(8192 * 128 * 2 + 8 * stateBytes + 64 * 2 ** 20);
  // On a GPU nothing is taken back.
  const onGpu = { ramBytes: 64 * gb, gpuBytes: 24 * gb };
  expect(estimateFit(0, shape, onGpu).needBytes).toBe(8192 * 128 * 2 + stateBytes + 64 * 2 ** 20);
  await rm(folder, { recursive: true, force: true });
});

describe("speed", () => {
  it("is that of the last seconds, and unknown at first", () => {
    let now = 0;
    const speed = new Speed(() => now);
    speed.restart(1000);
    now = 100;
    expect(speed.at(2000)).toBeUndefined();
    now = 1000;
    expect(speed.at(11_000)).toBe(10_000);
    for (now = 1100; now <= 20_000; now += 100) speed.at(11_000);
    expect(speed.at(11_000)).toBe(0);
  });
});

describe("names of converted files", () => {
  it.each([
    ["mmproj-x-bf16.gguf", 1, "mmproj-x-f16.gguf"],
    ["X.BF16-mmproj.gguf", 1, "X.f16-mmproj.gguf"],
    ["mmproj.gguf", 1, "mmproj-f16.gguf"],
    ["mmproj-bf16.gguf", 2, "mmproj-f16-2.gguf"],
  ])("%s", (name, number, expected) => {
    expect(convertedName(`/some/folder/${name}`, "f16", number)).toBe(expected);
  });
});

describe("the board of jobs", () => {
  const boardOf = () => {
    const seen: ModelJob[] = [];
    const board = new JobBoard({ onChange: (job) => seen.push(modelJobSchema.parse(job)), log: () => {} });
    return { seen, board };
  };
  const ended = async (board: JobBoard): Promise<void> => {
    await until(() => board.list().every(({ state }) => ["done", "failed", "cancelled"].includes(state)));
  };

  it("tells few events of much progress, and always the last state", async () => {
    const { seen, board } = boardOf();
    // One second for all of it, on the clock that the board reads.
    const start = performance.now();
    const clock = vi.spyOn(performance, "now").mockReturnValue(start);
    board.start("convert", "a", "a.gguf", async (reporter) => {
      reporter.step({ state: "running", file: "a", bytesTotal: 100_000 });
      for (let bytes = 0; bytes < 100_000; bytes++) {
        clock.mockReturnValue(start + bytes / 100);
        reporter.progress(bytes);
      }
      clock.mockRestore();
      return {};
    });
    await ended(board);
    expect(seen.length).toBeLessThan(10);
    expect(seen.at(-1)).toMatchObject({ state: "done", bytesDone: 100_000, bytesTotal: 100_000 });
  });

  it("cancels, waits for the end, and starts the same job only once at a time", async () => {
    const { seen, board } = boardOf();
    let tidied = false;
    const work = async ({ signal }: JobReporter): Promise<Record<string, never>> => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => setImmediate(resolve)));
      tidied = true;
      throw new Error("aborted");
    };
    const id = board.start("pull", "a", "a", work);
    expect(board.start("pull", "a", "a", work)).toBe(id);
    expect(board.start("pull", "b", "b", work)).not.toBe(id);
    await Promise.resolve();
    expect(await board.cancel(id)).toBe(true);
    expect(tidied).toBe(true);
    expect(await board.cancel(id)).toBe(false);
    await board.close();
    expect(board.list().map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
    expect(seen.at(-1)?.error?.code).toBe("CANCELLED");
    expect(board.start("pull", "a", "a", async () => ({}))).not.toBe(id);
    await ended(board);
  });

  it("says why a job failed", async () => {
    const { board } = boardOf();
    board.start("import", "a", "a", () => Promise.reject(new Error("odd")));
    await ended(board);
    expect(board.list()[0]).toMatchObject({ state: "failed", error: { code: "INTERNAL", message: "odd" } });
  });
});
