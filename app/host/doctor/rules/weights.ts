import type { EngineFacts, FileAudit, FindingAction } from "../../../contract/index.ts";
import { formatBytes, plural } from "../../../presentation/numbers.ts";
import type { DoctorCase } from "../case.ts";
import type { Rules, Verdict } from "./rule.ts";

/** "kernel_mul_mm_bf16_f32" is for bf16 weights: the first type in a kernel's name is that of its first operand. */
export function kernelTypes(kernel: string): readonly string[] {
  const found = kernel.toLowerCase().match(/(?:^|_)(bf16|f16|f32|i?q\d_[a-z0-9]+|mxfp4)(?=_|$)/g) ?? [];
  return found.map((type) => type.replace(/^_/, ""));
}

function tensorsOf(files: readonly FileAudit[], type: string): number {
  return files.flatMap(({ types }) => types).reduce((sum, one) => sum + (one.type === type ? one.tensors : 0), 0);
}

function named(skipped: EngineFacts["skippedKernels"], type: string): EngineFacts["skippedKernels"] {
  return skipped.filter(({ kernel }) => kernelTypes(kernel).includes(type));
}

function convertAction({ role }: FileAudit, modelId: string): FindingAction {
  return { type: `convert-${role}`, modelId, to: "f16" };
}

function bfloatVerdicts({ modelId, engine }: DoctorCase, file: FileAudit): Verdict | [] {
  const bfloat = file.types.find(({ type, tensors }) => type === "bf16" && tensors > 0);
  if (bfloat === undefined) return [];
  const what = `The ${file.role} has ${plural(bfloat.tensors, "bf16 tensor")} (${formatBytes(bfloat.bytes)})`;
  const evidence = ["model.types"];
  if (bfloat.support === "unsupported") {
    return {
      severity: "problem",
      title: `${what} and this device lacks bf16: convert it.`,
      explanation: "Without bf16 arithmetic these weights are computed on the CPU, and data goes back and forth.",
      remedy: `Convert the ${file.role} to f16; it takes a minute and keeps everything else as it is.`,
      action: convertAction(file, modelId),
      source: bfloat.source,
      evidence,
    };
  }
  if (bfloat.support === "converted") {
    return {
      severity: "advice",
      title: `${what}, which ${engine?.backend === "cpu" ? "this processor" : "this device"} converts as it computes: ${bfloat.note}.`,
      explanation: "How much that costs here is not known before it is measured.",
      remedy: `Convert the ${file.role} to f16 and try both (doctor --try).`,
      action: convertAction(file, modelId),
      source: bfloat.source,
      evidence,
    };
  }
  if (bfloat.support !== "native") return [];
  return {
    severity: "fine",
    title: `${what}; this device computes bf16 as it is.`,
    source: bfloat.source,
    evidence,
  };
}

export const weightRules: Rules = {
  "skipped-kernels": ({ facts: { skippedKernels: skipped }, files }) => {
    if (files.length === 0) return;
    const special = [...new Set(skipped.flatMap(({ kernel }) => kernelTypes(kernel)))].filter(
      (type) => type !== "f32" && type !== "f16",
    );
    return special.flatMap((type): Verdict | [] => {
      const kernels = named(skipped, type);
      const [first] = kernels;
      if (first === undefined) return [];
      const source = { kind: "engine-log", detail: first.line } as const;
      const tensors = tensorsOf(files, type);
      const were = `${plural(kernels.length, `${type} kernel`)} ${kernels.length === 1 ? "was" : "were"} skipped`;
      const common = { source, evidence: ["log.skipped-kernels", "model.types"] };
      if (tensors === 0) {
        return {
          ...common,
          severity: "fine",
          title: `${were}; no tensor of this model is ${type}; they cost nothing.`,
          explanation: "The backend leaves out kernels that the device or the build lacks. Only loaded types matter.",
        };
      }
      return {
        ...common,
        severity: "problem",
        title: `${were}, and ${plural(tensors, "tensor")} of this model ${tensors === 1 ? "is" : "are"} ${type}: that work goes to the CPU.`,
        remedy: "Convert these tensors to f16.",
      };
    });
  },

  "bf16-weights": (found) => found.files.flatMap((file) => bfloatVerdicts(found, file)),

  "no-bf16": ({ files, facts }) => {
    const [first] = files;
    if (first === undefined || facts.skippedKernels.length > 0 || tensorsOf(files, "bf16") > 0) return;
    return {
      severity: "fine",
      title: "No tensor of this model is bf16, so bf16 support does not matter here.",
      source: { kind: "gguf", detail: files.map(({ source }) => source.detail).join(", ") },
      evidence: ["model.types"],
    };
  },

  "unknown-types": ({ files }) =>
    files.flatMap((file) =>
      file.types
        .filter(({ support, tensors }) => support === "unknown" && tensors > 0)
        .map(
          ({ type, tensors, note, source }): Verdict => ({
            severity: "warning",
            title: `${plural(tensors, "tensor")} of the ${file.role} ${tensors === 1 ? "is" : "are"} ${type}, of which it is not known how this backend computes it.`,
            explanation: `${note.charAt(0).toUpperCase()}${note.slice(1)}.`,
            source,
            evidence: ["model.types"],
          }),
        ),
    ),
};
