import { defined, type EngineFacts } from "../../../contract/index.ts";
import { allMatches } from "./line-search.ts";

/** "load_backend: loaded CUDA backend from /.../libggml-cuda.so": the file's name only. */
export function libraryFacts(texts: readonly string[]): EngineFacts["libraries"] {
  const found = allMatches(texts, /load_backend: loaded (\S+) backend from (.+)$/);
  return found.map(({ groups: [, backend = "", path = ""] }) => {
    const file = path.trim().replace(/^.*[\\/]/, "");
    return { backend, file, line: `load_backend: loaded ${backend} backend from ${file}` };
  });
}

/** Lines of ggml_cuda_init (ggml/src/ggml-cuda/ggml-cuda.cu). */
export function cudaFacts(texts: readonly string[]): EngineFacts["cuda"] {
  const pattern = /^\s*Device (\d+): (.+?), compute capability (\d+\.\d+), VMM: \w+(?:, VRAM: (\d+) MiB)?/;
  return allMatches(texts, pattern).map(({ groups: [, index, name = "", computeCapability = "", memory], line }) => ({
    index: Number(index),
    name,
    computeCapability,
    ...defined({ memoryBytes: memory === undefined ? undefined : Number(memory) * 2 ** 20 }),
    line,
  }));
}

/** Lines of ggml-vulkan.cpp: "ggml_vulkan: 0 = NVIDIA ... | uma: 0 | fp16: 1 | bf16: 1 | ... | matrix cores: KHR_coopmat". */
export function vulkanFacts(texts: readonly string[]): EngineFacts["vulkan"] {
  const found = allMatches(texts, /^ggml_vulkan: (\d+) = (.+?) \| (.*)$/);
  return found.map(({ groups: [, index, name = "", rest = ""], line }) => {
    const field = (key: string): string | undefined =>
      new RegExp(`(?:^|\\| )${key}: ([^|]+?)(?: \\||$)`).exec(rest)?.[1];
    const flag = (key: string): boolean | undefined => {
      const value = field(key);
      return value === undefined ? undefined : isYes(value);
    };
    const told = defined({ fp16: flag("fp16"), bf16: flag("bf16"), matrixCores: field("matrix cores") });
    return { index: Number(index), name, ...told, line };
  });
}

/** "0" and "none" mean no; anything else is "1" or names the kind of support. */
function isYes(value: string): boolean {
  return !["0", "none", "false"].includes(value.trim().toLowerCase());
}

const metalLine = /^ggml_metal(?:_device)?_init: (.*)$/;

/**
 * Lines of ggml_metal_device_init (v0.4.0) and of ggml_metal_init (2025). A line "use bfloat" overrules "has bfloat":
 * the device has the type, but the build may lack its kernels.
 */
export function metalFacts(texts: readonly string[]): EngineFacts["metal"] {
  const lines = texts.filter((line) => metalLine.test(line) && !line.includes(": skipping "));
  const values = new Map<string, string>();
  const families: string[] = [];
  for (const line of lines) {
    const said = metalLine.exec(line)?.[1] ?? "";
    const family = /^GPU family: (\S+)/.exec(said)?.[1];
    if (family !== undefined) families.push(family);
    const sign = said.search(/[=:]\s/);
    const [key, value] = [said.slice(0, Math.max(sign, 0)).trimEnd(), said.slice(sign + 1).trim()];
    if (key !== "" && value !== "") values.set(key, value);
  }
  if (lines.length === 0) return undefined;
  const flag = (...keys: readonly string[]): boolean | undefined => {
    const value = keys.map((key) => values.get(key)).find((one) => one !== undefined);
    return value === undefined ? undefined : value === "true";
  };
  return {
    families,
    ...defined({
      gpu: values.get("GPU name") ?? values.get("found device") ?? values.get("picking default device"),
      simdgroupReduction: flag("simdgroup reduction"),
      simdgroupMatrix: flag("simdgroup matrix mul."),
      unifiedMemory: flag("has unified memory", "hasUnifiedMemory"),
      bfloat: flag("use bfloat", "has bfloat"),
      tensorApi: flag("has tensor"),
    }),
    lines: [...new Set(lines.map((line) => line.trim()))],
  };
}
