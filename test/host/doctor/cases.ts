import { readFileSync } from "node:fs";
import { type Device, detectSettingsSchema, type GgufSummary, profiles } from "../../../app/contract/index.ts";
import type { DoctorCase, ObservedRun } from "../../../app/host/doctor/case.ts";
import { engineFacts } from "../../../app/host/doctor/facts/engine-facts.ts";
import { fileAudits } from "../../../app/host/doctor/type-support.ts";
import type { EngineLogLine } from "../../../app/host/engine/log.ts";

const levels = { D: "debug", I: "info", W: "warn", E: "error" } as const;

/** A log of test/host/doctor/logs; lines that begin with "#" tell where it comes from. */
export function logLines(name: string): EngineLogLine[] {
  const text = readFileSync(new URL(`logs/${name}.txt`, import.meta.url), "utf8");
  return text.split("\n").flatMap((line) => {
    const level = levels[line.charAt(0) as keyof typeof levels];
    return line.startsWith("#") || level === undefined ? [] : [{ level, text: line.slice(2) }];
  });
}

export const factsOf = (name: string) => engineFacts(logLines(name));
export const noFacts = engineFacts([]);

const tensors = (count: number, bytes: number) => ({ tensors: count, bytes });

/** Headers as published: Holo1.5-7B's language model in Q4_K_M, and its mmproj in a type of one's choice. */
export const holoModel: GgufSummary = {
  path: "/models/Holo1.5-7B-Q4_K_M.gguf",
  bytes: 4.68e9,
  architecture: "qwen2vl",
  quantisation: "Q4_K_M",
  tensorTypes: { q4_k: tensors(169, 3.5e9), q6_k: tensors(29, 1.1e9), f32: tensors(141, 1e6) },
};

export function mmprojOf(type: "f16" | "bf16"): GgufSummary {
  return {
    path: `/models/mmproj-${type}.gguf`,
    bytes: 1.35e9,
    architecture: "clip",
    projector: "qwen2.5vl_merger",
    quantisation: type.toUpperCase(),
    tensorTypes: { [type]: tensors(226, 1.35e9), f32: tensors(293, 2e6) },
    ...(type === "bf16" ? { bf16Tensors: ["mm.0.weight", "v.blk.0.ffn_up.weight"] } : {}),
  };
}

const gpu: Device = {
  name: "GPU0",
  description: "Test GPU",
  type: "gpu",
  backend: "GPU",
  memoryFree: 16e9,
  memoryTotal: 16e9,
};

export interface CaseOptions extends Partial<DoctorCase> {
  readonly log?: string;
  readonly backend?: "cpu" | "cuda" | "metal" | "vulkan";
  readonly mmproj?: "f16" | "bf16";
}

/** A healthy case: everything on a GPU, nothing to complain of. Options change single things. */
export function caseOf({ log, backend = "metal", mmproj = "f16", ...overrides }: CaseOptions = {}): DoctorCase {
  const facts = overrides.facts ?? (log === undefined ? noFacts : factsOf(log));
  const engine = {
    backend,
    backendReason: `${backend} is the best that works on this machine.`,
    llamaCppRelease: "v0.4.0",
    features: "CPU : AVX2 = 1 | F16C = 1 | ",
    devices: [gpu],
  };
  const inspection = {
    model: holoModel,
    mmproj: mmprojOf(mmproj),
    family: "qwen25vl",
    modes: { detect: "off-training", locate: "trained" },
  } as const;
  return {
    machine: {
      name: "Test",
      platform: "linux",
      arch: "x64",
      osRelease: "6",
      cpu: "Test CPU",
      physicalCores: 8,
      logicalCores: 16,
      memoryBytes: 32e9,
    },
    system: { busyShare: 0.02 },
    backendChoice: "auto",
    engine,
    backends: [],
    modelId: "holo1.5-7b",
    family: "qwen25vl",
    files: fileAudits(inspection, { backend, facts, features: engine.features, llamaCppRelease: "v0.4.0" }),
    settings: detectSettingsSchema.parse(profiles.quality),
    ...overrides,
    facts,
  };
}

/** The report's own run: 2,691 image tokens, encode 58 % and prefill 18 % of the time. */
export const fullHdRun: ObservedRun = {
  stages: [
    { stage: "decode", ms: 14 },
    { stage: "preprocess", ms: 26 },
    { stage: "encode", ms: 828 },
    { stage: "prefill", ms: 260 },
    { stage: "generate", ms: 296 },
  ],
  totalMs: 1424,
  tokens: { image: 2691, text: 80, generated: 64 },
  effective: { contextTokens: 4864, batchTokens: 2816, threads: 8, generateThreads: 8 },
  warnings: [],
  source: { kind: "run", detail: "run 20261005-142301-1f2e3d4c of 2026-10-05T14:23:01.000Z" },
};
