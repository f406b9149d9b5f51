import type { EngineFacts } from "../../../contract/doctor-facts.ts";

/** "load_backend: loaded CUDA backend from /.../libggml-cuda.so": the file's name only. */
export function libraryFacts(texts: readonly string[]): EngineFacts["libraries"] {
  return texts.flatMap((line) => {
    const [, backend, file] = /load_backend: loaded (\S+) backend from (.+)$/.exec(line) ?? [];
    if (backend === undefined || file === undefined) return [];
    const name = file.trim().replace(/^.*[\\/]/, "");
    return [{ backend, file: name, line: `load_backend: loaded ${backend} backend from ${name}` }];
  });
}

/** Lines of ggml_cuda_init (ggml/src/ggml-cuda/ggml-cuda.cu). */
export function cudaFacts(texts: readonly string[]): EngineFacts["cuda"] {
  const pattern = /^\s*Device (\d+): (.+?), compute capability (\d+\.\d+), VMM: \w+(?:, VRAM: (\d+) MiB)?/;
  return texts.flatMap((line) => {
    const [, index, name, computeCapability, memory] = pattern.exec(line) ?? [];
    if (name === undefined || computeCapability === undefined) return [];
    return [
      {
        index: Number(index),
        name,
        computeCapability,
        ...(memory === undefined ? {} : { memoryBytes: Number(memory) * 2 ** 20 }),
        line: line.trim(),
      },
    ];
  });
}

/** Lines of ggml-vulkan.cpp: "ggml_vulkan: 0 = NVIDIA ... | uma: 0 | fp16: 1 | bf16: 1 | ... | matrix cores: KHR_coopmat". */
export function vulkanFacts(texts: readonly string[]): EngineFacts["vulkan"] {
  return texts.flatMap((line) => {
    const [, index, name, rest = ""] = /^ggml_vulkan: (\d+) = (.+?) \| (.*)$/.exec(line) ?? [];
    if (index === undefined || name === undefined) return [];
    const field = (key: string): string | undefined =>
      new RegExp(`(?:^|\\| )${key}: ([^|]+?)(?: \\||$)`).exec(rest)?.[1];
    const [fp16, bf16, matrixCores] = [field("fp16"), field("bf16"), field("matrix cores")];
    return [
      {
        index: Number(index),
        name,
        ...(fp16 === undefined ? {} : { fp16: isYes(fp16) }),
        ...(bf16 === undefined ? {} : { bf16: isYes(bf16) }),
        ...(matrixCores === undefined ? {} : { matrixCores }),
        line: line.trim(),
      },
    ];
  });
}

/** "1", or the name of a kind of support; "0" and "none" are no. */
function isYes(value: string): boolean {
  return !["0", "none", "false"].includes(value.trim().toLowerCase());
}

const metalLine = /^ggml_metal(?:_device)?_init: (.*)$/;

/**
 * Lines of ggml_metal_device_init (v0.4.0) and of ggml_metal_init (2025). Where "use bfloat" is written, it counts: the
 * device had the type, but the build left its kernels out.
 */
export function metalFacts(texts: readonly string[]): EngineFacts["metal"] {
  const lines = texts.filter((line) => metalLine.test(line) && !line.includes(": skipping "));
  const values = new Map<string, string>();
  const families: string[] = [];
  for (const line of lines) {
    const said = metalLine.exec(line)?.[1] ?? "";
    const family = /^GPU family: (\S+)/.exec(said)?.[1];
    if (family !== undefined) families.push(family);
    const [, key, value] = /^(.+?)\s*[=:]\s+(.+?)\s*$/.exec(said) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value);
  }
  if (lines.length === 0) return undefined;
  const flag = (...keys: readonly string[]): boolean | undefined => {
    const value = keys.map((key) => values.get(key)).find((one) => one !== undefined);
    return value === undefined ? undefined : value === "true";
  };
  const gpu = values.get("GPU name") ?? values.get("found device") ?? values.get("picking default device");
  const flags = {
    simdgroupReduction: flag("simdgroup reduction"),
    simdgroupMatrix: flag("simdgroup matrix mul."),
    unifiedMemory: flag("has unified memory", "hasUnifiedMemory"),
    bfloat: flag("use bfloat", "has bfloat"),
    tensorApi: flag("has tensor"),
  };
  return {
    ...(gpu === undefined ? {} : { gpu }),
    families,
    ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
    lines: [...new Set(lines.map((line) => line.trim()))],
  };
}
