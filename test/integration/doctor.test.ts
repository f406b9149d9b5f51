import { copyFile, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DoctorReport, doctorReportSchema, type ModelEntry } from "../../app/contract/index.ts";
import { findingsOf } from "../../app/host/doctor/rules/index.ts";
import { fileAudits } from "../../app/host/doctor/type-support.ts";
import { caseOf, factsOf } from "../host/doctor/cases.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

let real: RealHost;
let folder: string;

beforeAll(async () => {
  real = await startRealHost();
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-doctor-"));
});
afterAll(async () => {
  await real.dispose();
  await rm(folder, { recursive: true, force: true });
});

const rulesOf = ({ findings }: DoctorReport, severity: string) =>
  findings.filter((finding) => finding.severity === severity).map(({ rule }) => rule);

async function bfloatPair(): Promise<ModelEntry> {
  const { modelPath, mmprojPath } = await writeTinyQwen25vlPair(folder, { type: "bf16", modelType: "f16" });
  return real.host.call("models.add", { modelPath, mmprojPath });
}

describe("the doctor with the bundled detector on the CPU", () => {
  let report: DoctorReport;
  beforeAll(async () => {
    const image = await real.addSample("settings");
    report = await real.host.call("doctor.run", { backend: "cpu", imageId: image.id });
  });

  it("finds nothing wrong with the model, and says what its time goes into", () => {
    expect(report.gaps).toEqual([]);
    const machines = ["busy-machine", "on-battery", "generation-stalled", "cpu-although-gpu"];
    expect(
      [...rulesOf(report, "problem"), ...rulesOf(report, "warning")].filter((rule) => !machines.includes(rule)),
    ).toEqual([]);
    expect(rulesOf(report, "fine")).toEqual(expect.arrayContaining(["no-bf16", "flash-attention"]));
    const tokens = report.findings.find(({ rule }) => rule === "image-tokens");
    expect(tokens?.title).toMatch(/^920 image tokens: prefill is \d+\.\d % and encode \d+\.\d % of this run\.$/);
    expect(tokens?.source.kind).toBe("measurement");
  });

  it("reads facts out of the engine's own log", () => {
    const { facts } = report;
    expect(facts.libraries.map(({ backend }) => backend)).toContain("CPU");
    expect(facts.flashAttention).toMatchObject({ languageModel: { on: true }, encoder: { on: true } });
    expect(facts.encoderBackend?.name).toBe("CPU");
    expect(facts.graphSplits.encoder?.nodes).toBeGreaterThan(200);
    expect(facts.context?.contextTokens).toBeGreaterThan(920);
    expect(facts.skippedKernels).toEqual([]);
    expect(facts.fallbacks).toEqual([]);
  });

  it("audits both files and counts their memory as the engine does", () => {
    const [model, mmproj] = report.files;
    expect(model?.types.map(({ type, tensors }) => [type, tensors])).toEqual([
      ["q8_0", 43],
      ["f32", 25],
    ]);
    expect(mmproj?.types.map(({ type }) => type)).toEqual(["q8_0", "f32", "f16"]);
    const parts = report.memory.map(({ part, device }) => [part, device]);
    expect(parts).toEqual([
      ["language-model", "CPU"],
      ["vision-encoder", "CPU"],
    ]);
    const logged = report.facts.buffers.find(({ what }) => what === "encoder-compute")?.bytes ?? 0;
    expect(Math.abs(logged - (report.memory[1]?.compute ?? 0))).toBeLessThan(2 ** 20 / 50);
    expect(report.fits.map(({ fits }) => fits)).toEqual([true, true, true]);
    expect(report.fits.every(({ source }) => source.kind === "estimate")).toBe(true);
  });

  it("gives a source for everything it says", () => {
    doctorReportSchema.parse(report);
    const said = [...report.evidence, ...report.findings, ...report.backends, ...report.memory, ...report.fits];
    expect(said.length).toBeGreaterThan(30);
    expect(said.every(({ source }) => source.detail.length > 0)).toBe(true);
  });
});

describe("the doctor with a bf16 mmproj", () => {
  it("names its tensors, and asks for a conversion only where the device lacks bf16", async () => {
    const entry = await bfloatPair();
    const report = await real.host.call("doctor.run", { modelId: entry.id, backend: "cpu", depth: "load" });
    const mmproj = report.files.find(({ role }) => role === "mmproj");
    expect(mmproj?.summary.bf16Tensors).toContain("v.blk.0.ffn_up.weight");
    expect(report.evidence.find(({ id }) => id === "model.bf16.mmproj")?.value).toContain("and");
    const here = report.findings.find(({ rule }) => rule === "bf16-weights");
    expect(["fine", "advice"]).toContain(here?.severity);

    // The same files' headers beside the logs of other machines.
    const { inspection } = await real.host.call("models.info", { id: entry.id });
    const elsewhere = (log: string) => {
      const facts = factsOf(log);
      const surroundings = { backend: "metal", facts, features: "", llamaCppRelease: "v0.4.0" } as const;
      return findingsOf(caseOf({ facts, modelId: entry.id, files: fileAudits(inspection, surroundings) }));
    };
    const count = mmproj?.summary.bf16Tensors?.length;
    const withoutBfloat = elsewhere("metal-without-bfloat").find(({ rule }) => rule === "bf16-weights");
    expect(withoutBfloat?.title).toMatch(
      new RegExp(`^The mmproj has ${count} bf16 tensors .* this device lacks bf16: convert it\\.$`),
    );
    expect(withoutBfloat?.action).toEqual({ type: "convert-mmproj", modelId: entry.id, to: "f16" });
    const reported = elsewhere("metal-2025-skipped-bf16").find(({ rule }) => rule === "skipped-kernels");
    expect(reported?.severity).toBe("problem");
    expect(reported?.title).toContain(`${count} tensors of this model are bf16`);
  });

  it("with the bundled detector's headers the report's 30 lines cost nothing", async () => {
    const { inspection } = await real.host.call("models.info", { id: "nano" });
    const facts = factsOf("metal-2025-skipped-bf16");
    const surroundings = { backend: "metal", facts, features: "", llamaCppRelease: "v0.4.0" } as const;
    const findings = findingsOf(caseOf({ facts, files: fileAudits(inspection, surroundings) }));
    expect(findings.find(({ rule }) => rule === "skipped-kernels")).toMatchObject({
      severity: "fine",
      title: "30 bf16 kernels were skipped; no tensor of this model is bf16; they cost nothing.",
    });
  });
});

describe("doctor --try with a converted mmproj beside the model", () => {
  it("measures it against the bf16 one", async () => {
    const pair = path.join(folder, "try", "pair");
    const bfloat = await writeTinyQwen25vlPair(pair, { type: "bf16", modelType: "f16" });
    const half = await writeTinyQwen25vlPair(path.join(folder, "half"), { type: "f16", modelType: "f16" });
    await copyFile(half.mmprojPath, path.join(pair, "mmproj-tiny-f16.gguf"));
    const entry = await real.host.call("models.add", bfloat);
    const image = await real.addSample("settings");
    const report = await real.host.call("doctor.try", {
      imageId: image.id,
      modelId: entry.id,
      backend: "cpu",
      repeats: 1,
      remedies: ["mmproj", "image-tokens"],
      overrides: { maxImageTokens: 256, maxNewTokens: 8 },
    });
    expect(report.rows.map(({ id }) => id)).toEqual([
      "baseline",
      "image-tokens-640",
      "image-tokens-1280",
      "image-tokens-full",
      "mmproj-mmproj-tiny-f16",
    ]);
    for (const row of report.rows) expect(row.reason ?? row.status, row.id).toBe("done");
    const [baseline, more] = report.rows;
    expect(baseline?.tokens?.image).toBeLessThanOrEqual(256);
    expect(more?.tokens?.image).toBeGreaterThan(500);
    expect(more?.effective?.batchTokens).toBeGreaterThan(baseline?.effective?.batchTokens ?? 0);
    expect(report.rows.at(-1)?.ratio?.median).toBeGreaterThan(0);
  });
});
