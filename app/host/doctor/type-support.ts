import type { TypeSupport } from "../../contract/doctor.ts";
import type { EngineFacts } from "../../contract/doctor-facts.ts";
import type { Backend } from "../../contract/model.ts";
import type { Source } from "../../contract/source.ts";

/** The release whose sources this table was read from. */
const tableRelease = "v0.4.0";

export interface ComputeSurroundings {
  readonly backend: Backend;
  readonly facts: EngineFacts;
  /** llama.cpp's feature line of the processor. */
  readonly features: string;
  readonly llamaCppRelease: string;
}

export interface TypeVerdict {
  readonly support: TypeSupport;
  readonly note: string;
  readonly source: Source;
}

const floats = ["f32", "f16"];
const quantised = [
  ...["q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k"],
  ...["iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s", "iq4_nl", "iq4_xs", "mxfp4"],
];
/** Types of matrices that each backend multiplies with by kernels of its own; bf16 depends on the device. */
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

/** What a backend does with weights of a type: from llama.cpp's sources, and from what the log tells of this device. */
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
  const source = fromSources(surroundings);
  switch (backend) {
    case "metal": {
      const bfloat = facts.metal?.bfloat;
      if (bfloat === undefined) return { support: "unknown", note: "the log does not tell of bfloat support", source };
      const line = facts.metal?.lines.findLast((text) => /bfloat/.test(text)) ?? "has bfloat";
      return bfloat
        ? {
            support: "native",
            note: "computed as it is; not faster than f16",
            source: { kind: "engine-log", detail: line },
          }
        : { support: "unsupported", note: "computed on the CPU", source: { kind: "engine-log", detail: line } };
    }
    case "cuda": {
      const oldest = facts.cuda.reduce<EngineFacts["cuda"][number] | undefined>(
        (low, device) => (low === undefined || capability(device) < capability(low) ? device : low),
        undefined,
      );
      if (oldest === undefined || capability(oldest) >= 8) {
        return { support: "native", note: "computed as it is", source };
      }
      const note = `converted before each product: compute capability ${oldest.computeCapability} has no bf16 matrix units`;
      return { support: "converted", note, source: { kind: "engine-log", detail: oldest.line } };
    }
    case "vulkan": {
      const [device] = facts.vulkan;
      if (device?.bf16 === undefined)
        return { support: "native", note: "has kernels; their speed is not known", source };
      return device.bf16
        ? { support: "native", note: "computed as it is", source: { kind: "engine-log", detail: device.line } }
        : {
            support: "converted",
            note: "unpacked to f32: the driver offers no bf16 arithmetic",
            source: { kind: "engine-log", detail: device.line },
          };
    }
    case "cpu":
      return /AVX512_BF16 = 1|AMX_INT8 = 1|SVE = 1/.test(features)
        ? {
            support: "native",
            note: "computed as it is",
            source: { kind: "engine", detail: "the processor's features" },
          }
        : {
            support: "converted",
            note: "widened to f32 in each product",
            source: { kind: "engine", detail: "the processor's features" },
          };
  }
}

function capability({ computeCapability }: EngineFacts["cuda"][number]): number {
  return Number(computeCapability);
}

function fromSources({ backend, llamaCppRelease }: ComputeSurroundings): Source {
  const running = llamaCppRelease === tableRelease ? "" : ` (this engine is ${llamaCppRelease})`;
  return { kind: "llama.cpp", detail: `${tableRelease}${running}, ${where[backend]}` };
}
