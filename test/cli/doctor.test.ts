import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { doctorReportSchema, doctorTryReportSchema, HoloscopeError } from "../../app/contract/index.ts";
import { doctorReportFixture, doctorTryFixture } from "../support/doctor-fixtures.ts";
import { eventually } from "../support/patience.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

let environment: RecordingEnvironment;
let folder: string;
let image: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-doctor-"));
  image = path.join(folder, "screen.png");
  await writeFile(image, "bytes of an image");
  environment = new RecordingEnvironment();
  environment.host.overrides.set("doctor.run", () => doctorReportFixture());
  environment.host.overrides.set("doctor.try", () => doctorTryFixture());
  environment.host.overrides.set("diagnostics.bundle", () => ({ text: "## Versions\n", fileName: "diagnostics.txt" }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const paramsOf = (method: string) => environment.host.calls.find((call) => call.method === method)?.params;

describe("doctor", () => {
  it("prints evidence with its sources first and the verdict last", async () => {
    const { code, out } = await environment.run("doctor");
    expect(code).toBe(0);
    expect(out).toMatch(/Layers on a GPU\s+26 of 28\s+\[engine log: load_tensors: offloaded 27\/29 layers to GPU\]/);
    expect(out).toContain("llama.cpp source: v0.4.0, ggml/src/ggml-cuda/ggml-cuda.cu");
    expect(out).toMatch(/language-model\s+CUDA0\s+4\.3 GB/);
    expect(out).toContain("What would fit (estimate)");
    expect(out).toMatch(/the probing detection: Too little memory\.\s+Close\./);
    expect(out.indexOf("Verdict")).toBeGreaterThan(out.indexOf("What would fit"));
    expect(out).toMatch(/Problem\s+2 layers of 28 are on the CPU\.\s+The setting.*\s+Remedy: Set gpuLayers to -1\./);
    expect(out).toContain("$ holoscope detect IMAGE --set gpuLayers=-1");
    expect(environment.host.closed).toBe(true);
  });

  it("prints JSON that is a report", async () => {
    const { out } = await environment.run("doctor", "--json");
    expect(doctorReportSchema.parse(JSON.parse(out)).findings).toHaveLength(2);
  });

  it("hands on model, backend, image and depth", async () => {
    await environment.run("doctor", "--model", "nano", "--backend", "cpu", "--image", image, "--quick");
    expect(paramsOf("doctor.run")).toMatchObject({ modelId: "nano", backend: "cpu", depth: "files" });
    expect(paramsOf("doctor.run")).toHaveProperty("imageId");
  });

  it("makes a model known that is named by its file", async () => {
    await environment.run("doctor", "--model", path.join(folder, "x.gguf"));
    expect(paramsOf("doctor.run")).toMatchObject({ modelId: "added", depth: "detect" });
  });

  it("ends with 130 at Ctrl-C", async () => {
    let stop: (error: Error) => void = () => {};
    const cancelled: unknown[] = [];
    environment.host.overrides.set(
      "doctor.run",
      () =>
        new Promise((_, reject) => {
          stop = reject;
        }),
    );
    environment.host.overrides.set("doctor.cancel", (params) => {
      cancelled.push(params);
      stop(new HoloscopeError("CANCELLED", "The run was cancelled."));
      return { cancelled: true };
    });
    const running = environment.run("doctor");
    await eventually(() => expect(environment.host.calls.map(({ method }) => method)).toContain("doctor.run"));
    environment.interrupt();
    expect((await running).code).toBe(130);
    expect(cancelled).toHaveLength(1);
  });
});

describe("doctor --try", () => {
  it("prints a row for each remedy, with time, ratio and how the boxes changed", async () => {
    const { code, out } = await environment.run(
      "doctor",
      "--try",
      image,
      "--repeat",
      "7",
      "--remedies",
      "image-tokens,ubatch",
    );
    expect(code).toBe(0);
    expect(paramsOf("doctor.try")).toMatchObject({ repeats: 7, remedies: ["image-tokens", "ubatch"] });
    expect(out).toMatch(
      /^baseline\s+2,691\s+2,816\s+828 ms\s+260 ms\s+296 ms\s+1\.43 s \(1\.40 s-1\.47 s\)\s+1\s+40\s+1\.000/m,
    );
    expect(out).toMatch(/^at most 1280 image tokens\s+1,222\s+1,280.*0\.45× \(0\.44–0\.46\)\s+38\s+0\.923\s+0\.897$/m);
    expect(out).toContain("micro-batch of 4096 tokens: not measured, because the micro-batch is the baseline's");
    expect(out).toContain("flash attention off: failed, because There is not enough memory.");
    expect(out).toContain("llama.cpp v0.4.0 on cuda");
  });

  it("prints JSON that is a measurement", async () => {
    const { out } = await environment.run("doctor", "--try", image, "--json");
    expect(doctorTryReportSchema.parse(JSON.parse(out)).rows).toHaveLength(4);
  });

  it("prints a table for documents", async () => {
    const { out } = await environment.run("doctor", "--try", image, "--markdown", "--set", "maxNewTokens=64");
    expect(paramsOf("doctor.try")).toMatchObject({ overrides: { maxNewTokens: 64 } });
    const rows = out.split("\n").filter((line) => line.startsWith("|"));
    expect(rows).toHaveLength(6);
    expect(new Set(rows.map((row) => row.split(" | ").length)).size).toBe(1);
    expect(out).toContain("# Remedies measured");
    expect(out).toContain("Test CPU, 8 cores, linux 6.1, NVIDIA RTX 3060 (12.8 GB)");
  });

  it.each([
    [["doctor", "--repeat", "3"], "--repeat goes with --try"],
    [["doctor", "--try", "x.png", "--repeat", "0"], "whole number from 1 to 100"],
    [["doctor", "--try", "x.png", "--remedies", "magic"], '--remedies does not know "magic"'],
    [["doctor", "--try", "x.png", "--json", "--markdown"], "one of --json and --markdown"],
    [["doctor", "--try", "x.png", "--quick"], "leave out --image and --quick"],
    [["doctor", "--try", "x.png", "--bundle"], "--bundle and --try do not go together"],
    [["doctor", "--backend", "abacus"], '--backend does not know "abacus"'],
    [["doctor", "--include-paths"], "go with --bundle"],
    [["doctor", "--bundle", "--json"], "writes text, not JSON"],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await environment.run(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(environment.doors).toEqual([]);
  });
});

describe("doctor --bundle", () => {
  it("examines, then writes the text into a file, a folder or to standard output", async () => {
    const file = path.join(folder, "out.txt");
    await environment.run("doctor", "--bundle", file, "--include-paths");
    expect(await readFile(file, "utf8")).toBe("## Versions\n");
    expect(environment.host.calls.map(({ method }) => method)).toContain("doctor.run");
    expect(paramsOf("diagnostics.bundle")).toEqual({ includePaths: true, includeImageNames: false });
    const into = new RecordingEnvironment();
    for (const [method, handler] of environment.host.overrides) into.host.overrides.set(method, handler);
    await into.run("doctor", "--bundle", `${folder}/`);
    expect(await readFile(path.join(folder, "diagnostics.txt"), "utf8")).toBe("## Versions\n");
    const plain = new RecordingEnvironment();
    for (const [method, handler] of environment.host.overrides) plain.host.overrides.set(method, handler);
    expect((await plain.run("doctor", "--bundle")).out).toBe("## Versions\n");
  });
});
