import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { evidenceTopics } from "../../../app/contract/index.ts";
import { backendVerdicts } from "../../../app/host/doctor/backend-verdicts.ts";
import { missingLibraries } from "../../../app/host/doctor/driver-libraries.ts";
import { packageOf } from "../../../app/host/doctor/packages.ts";
import { parseNvidia, readLinuxBattery } from "../../../app/host/doctor/system.ts";
import { type FakeHost, startFakeHost, writeFakeGguf } from "../../support/fake-engine.ts";

const surroundings = {
  doctor: {
    readSystem: async () => ({ busyShare: 0.1 }),
    lookups: {
      missingLibraries: async () => ["libcuda.so.1 was not found"],
      installedPackages: async () => ["linux-x64"],
    },
  },
};

let fake: FakeHost;
afterEach(async () => {
  await fake?.dispose();
  delete process.env.FAKE_ENGINE_INIT;
});

describe("doctor.run", () => {
  it("loads afresh, detects once, keeps no run, and remembers its report", async () => {
    fake = await startFakeHost(surroundings);
    expect(await fake.host.call("doctor.last", {})).toEqual({ report: null });
    const steps: string[] = [];
    fake.host.on("doctor.progress", ({ step }) => void steps.push(step));
    const report = await fake.host.call("doctor.run", {});
    expect(steps).toEqual([
      "looking at the machine",
      "trying the backends",
      "reading the model's headers",
      "loading the model",
      "running one detection",
      "putting it together",
    ]);
    expect(report.loaded?.layers).toBe(2);
    expect(report.engine?.backend).toBe("cpu");
    expect(report.files.map(({ role, types }) => [role, types[0]?.type, types[0]?.support])).toEqual([
      ["model", "f16", "native"],
      ["mmproj", "f16", "native"],
    ]);
    const topics = new Set(report.evidence.map(({ topic }) => topic));
    expect(evidenceTopics.filter((topic) => !topics.has(topic) && topic !== "engine-log")).toEqual([]);
    const ids = report.evidence.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { evidence } of report.findings) for (const id of evidence) expect(ids).toContain(id);
    expect(report.gaps.map(({ what }) => what)).toEqual(["the estimate of what fits"]);
    expect(await fake.host.call("doctor.last", {})).toEqual({ report });
    expect(await fake.host.call("runs.list", {})).toEqual([]);
  });

  // macOS has no CUDA backend that could fail.
  it.runIf(process.platform === "linux")("says why each backend is not used", async () => {
    process.env.FAKE_ENGINE_INIT = JSON.stringify({ cuda: "old-driver" });
    fake = await startFakeHost({ ...surroundings, findGpuTypes: async () => ["cuda"], hasGpuHardware: () => true });
    const report = await fake.host.call("doctor.run", { depth: "files" });
    const cuda = report.backends.find(({ backend }) => backend === "cuda");
    expect(cuda).toMatchObject({ available: false, chosen: false, installed: false });
    expect(cuda?.reason).toContain("The NVIDIA driver is too old");
    const finding = report.findings.find(({ rule }) => rule === "cpu-although-gpu");
    expect(finding?.severity).toBe("problem");
    expect(finding?.title).toContain("the NVIDIA driver is too old");
  });

  it("goes on where something fails, and names the gap", async () => {
    fake = await startFakeHost(surroundings);
    const folder = path.join(fake.resourcesFolder, "bad");
    const model = await writeFakeGguf(path.join(folder, "model.gguf"), 32);
    const entry = await fake.host.call("models.add", {
      modelPath: model,
      mmprojPath: await writeFakeGguf(path.join(folder, "mmproj.gguf"), 32),
    });
    await writeFakeGguf(path.join(folder, "mmproj.gguf"), 64, "another one");
    const report = await fake.host.call("doctor.run", { modelId: entry.id });
    expect(report.gaps[0]).toMatchObject({ what: "the model's files", error: { code: "MMPROJ_MISMATCH" } });
    expect(report.loaded).toBeUndefined();
    expect(report.evidence.some(({ id }) => id === "machine.cpu")).toBe(true);
  });

  it("rejects for a model that is not there", async () => {
    fake = await startFakeHost(surroundings);
    await expect(fake.host.call("doctor.run", { modelId: "nothing" })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
  });
});

describe("what the doctor looks up", () => {
  it("libraries that a backend needs, by the names that the loader finds", async () => {
    const places = (platform: string, ...names: string[]) => ({ platform, names: async () => new Set(names) });
    expect(await missingLibraries("cuda", places("win32", "nvcuda.dll"))).toEqual([
      "cudart64_13.dll was not found; it comes with the CUDA 13 (or 12) runtime",
      "cublas64_13.dll was not found; it comes with the CUDA 13 (or 12) runtime",
    ]);
    expect(
      await missingLibraries("cuda", places("linux", "libcuda.so.1", "libcudart.so.13", "libcublas.so.12.1")),
    ).toEqual([]);
    expect(await missingLibraries("vulkan", places("linux"))).toHaveLength(1);
    expect(await missingLibraries("cpu", places("linux"))).toEqual([]);
    expect(await missingLibraries("metal", places("darwin"))).toEqual([]);
  });

  it("packages of node-llama-cpp by platform", () => {
    expect(packageOf("cuda", ["win-x64"], "win32", "x64")).toEqual({
      name: "@node-llama-cpp/win-x64-cuda",
      installed: false,
    });
    expect(packageOf("cpu", ["mac-arm64-metal"], "darwin", "arm64")).toEqual({
      name: "@node-llama-cpp/mac-arm64-metal",
      installed: true,
    });
    expect(packageOf("cpu", ["linux-armv7l"], "linux", "arm").installed).toBe(true);
  });

  it("both, in one sentence for each backend", async () => {
    const status = [
      { backend: "cuda", available: false, reason: "No driver for CUDA was found on this machine." },
    ] as const;
    const [verdict] = await backendVerdicts(status, "cpu", {
      missingLibraries: async () => ["nvcuda.dll was not found; it comes with the NVIDIA driver"],
      installedPackages: async () => [],
    });
    expect(verdict?.reason).toMatch(
      /^No driver for CUDA was found on this machine: its package .* is not installed; nvcuda\.dll was not found; it comes with the NVIDIA driver\.$/,
    );
  });

  it("whether Linux runs on its battery", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-power-"));
    const supply = async (name: string, files: Readonly<Record<string, string>>): Promise<void> => {
      await mkdir(path.join(folder, name));
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, name, file), `${text}\n`);
    };
    try {
      expect(await readLinuxBattery(path.join(folder, "none"))).toBeUndefined();
      await supply("BAT0", { type: "Battery", status: "Discharging" });
      expect(await readLinuxBattery(folder)).toBe(true);
      await supply("AC", { type: "Mains", online: "1" });
      expect(await readLinuxBattery(folder)).toBe(false);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("nvidia-smi's answer", () => {
    const table = "NVIDIA H200, 580.159.04, 143771, 9.0\n";
    const plain = "| NVIDIA-SMI 580.159.04    Driver Version: 580.159.04    CUDA Version: 13.0     |";
    expect(parseNvidia(table, plain)).toEqual({
      gpus: [{ name: "NVIDIA H200", driverVersion: "580.159.04", memoryMiB: 143_771, computeCapability: "9.0" }],
      cudaVersion: "13.0",
    });
    expect(parseNvidia("No devices were found\n", "")).toBeUndefined();
  });
});
