import path from "node:path";
import { least } from "d3-array";
import type {
  Backend,
  EngineFacts,
  FileAudit,
  GgufSummary,
  PairInspection,
  Source,
  TypeSupport,
} from "../../contract/index.ts";

/** The release whose sources this table was read from. */
const tableRelease = "v0.4.0";

interface ComputeSurroundings {
  readonly backend: Backend;
  readonly facts: EngineFacts;
  /** llama.cpp's feature line of the processor. */
  readonly features: string;
  readonly llamaCppRelease: string;
}

interface TypeVerdict {
  readonly support: TypeSupport;
  readonly note: string;
  readonly source: Source;
}

const floats = ["f32", "f16"];
const quantised = [
  ...["q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k"],
  ...["iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s", "iq4_nl", "iq4_xs", "mxfp4"],
];
/** Matrix types for which each backend has its own multiplication kernels; bf16 depends on the device. */
const multiplied: Readonly<Record<Backend, ReadonlySet<string>>> = {
  metal: new Set([...floats, ...quantised]),
  cuda: new Set([...floats, ...quantised, "q1_0", "q2_0", "nvfp4"]),
  vulkan: new Set([...floats, ...quantised, "q1_0", "q2_0", "nvfp4", "tq2_0"]),
  cpu: new Set([...floats, ...quantised, "q1_0", "q2_0", "nvfp4", "tq1_0", "tq2_0"]),
};

const where: Readonly<Record<Backend, string>> = {
  metal: "ggml/src/ggml-metal/ggml-metal-device.m, ggml_metal_device_supports_op",
  cuda: "ggml/src/ggml-cuda/ggml-cuda.cu, ggml_backend_cuda_device_supports_op",
  vulkan: "ggml/src/ggml-vulkan/ggml-vulkan.cpp, ggml_backend_vk_device_supports_op",
  cpu: "ggml/src/ggml-cpu/ggml-cpu.cpp, ggml_backend_cpu_device_supports_op",
};

/** What a backend does with weights of a type, from llama.cpp's sources and what the log says about this device. */
export function typeVerdict(type: string, surroundings: ComputeSurroundings): TypeVerdict {
  const { backend } = surroundings;
  if (type === "bf16") return bfloatVerdict(surroundings);
  if (!multiplied[backend].has(type)) {
    const note = "not in the table of types; see what the engine's log says";
    return { support: "unknown", note, source: fromSources(surroundings) };
  }
  const note = floats.includes(type) ? "computed as it is" : "unpacked inside the kernels";
  return { support: "native", note, source: fromSources(surroundings) };
}

function bfloatVerdict(surroundings: ComputeSurroundings): TypeVerdict {
  const { backend, facts, features } = surroundings;
  const verdict = (support: TypeSupport, note: string, source: Source = fromSources(surroundings)): TypeVerdict => ({
    support,
    note,
    source,
  });
  const fromLog = (detail: string): Source => ({ kind: "engine-log", detail });
  switch (backend) {
    case "metal": {
      const bfloat = facts.metal?.bfloat;
      if (bfloat === undefined) return verdict("unknown", "the log does not tell of bfloat support");
      const line = fromLog(facts.metal?.lines.findLast((text) => /bfloat/.test(text)) ?? "has bfloat");
      return bfloat
        ? verdict("native", "computed as it is; not faster than f16", line)
        : verdict("unsupported", "computed on the CPU", line);
    }
    case "cuda": {
      const oldest = least(facts.cuda, capability);
      if (oldest === undefined || capability(oldest) >= 8) return verdict("native", "computed as it is");
      const note = `converted before each product: compute capability ${oldest.computeCapability} has no bf16 matrix units`;
      return verdict("converted", note, fromLog(oldest.line));
    }
    case "vulkan": {
      const [device] = facts.vulkan;
      if (device?.bf16 === undefined) return verdict("native", "has kernels; their speed is not known");
      return device.bf16
        ? verdict("native", "computed as it is", fromLog(device.line))
        : verdict("converted", "unpacked to f32: the driver offers no bf16 arithmetic", fromLog(device.line));
    }
    case "cpu": {
      const source: Source = { kind: "engine", detail: "the processor's features" };
      return /AVX512_BF16 = 1|AMX_INT8 = 1|SVE = 1/.test(features)
        ? verdict("native", "computed as it is", source)
        : verdict("converted", "widened to f32 in each product", source);
    }
  }
}

function capability({ computeCapability }: EngineFacts["cuda"][number]): number {
  return Number(computeCapability);
}

function fromSources({ backend, llamaCppRelease }: ComputeSurroundings): Source {
  const running = llamaCppRelease === tableRelease ? "" : ` (this engine is ${llamaCppRelease})`;
  return { kind: "llama.cpp", detail: `${tableRelease}${running}, ${where[backend]}` };
}

/** What both files of a pair contain, and what the backend does with each tensor type; largest share first. */
export function fileAudits({ model, mmproj }: PairInspection, surroundings: ComputeSurroundings): FileAudit[] {
  return [audit("model", model, surroundings), audit("mmproj", mmproj, surroundings)];
}

function audit(role: FileAudit["role"], summary: GgufSummary, surroundings: ComputeSurroundings): FileAudit {
  const source: Source = { kind: "gguf", detail: `header of ${path.basename(summary.path)}` };
  const types = Object.entries(summary.tensorTypes)
    .map(([type, { tensors, bytes }]) => ({ type, tensors, bytes, ...typeVerdict(type, surroundings) }))
    .sort((a, b) => b.bytes - a.bytes);
  return { role, summary, types, source };
}
