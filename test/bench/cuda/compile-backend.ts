import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, realpathSync, renameSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { findBinaries } from "../../../native/variants.ts";
import { repositoryRoot } from "../../support/repository.ts";

export interface CompiledBackend {
  /** Absolute path of the compiled `libggml-cuda.so`. */
  readonly library: string;
  /** What it was made with, for a report. */
  readonly description: string;
}

/**
 * Compiles ggml's CUDA backend for this machine's first GPU, from the sources that `npm run build:native` unpacks: for
 * GPUs whose driver refuses the prebuilt library (resources/docs/cuda-h200.md). Linux only; needs nvcc and CMake 3.24, and
 * some minutes. Throws with the end of the tools' output if that fails.
 */
export function compileBackend(folder: string): CompiledBackend {
  const capability = execFileSync("nvidia-smi", ["--query-gpu=compute_cap", "--format=csv,noheader"], {
    encoding: "utf8",
  })
    .trim()
    .split("\n")[0];
  const architecture = `${capability?.replace(".", "")}-real`;
  const compiler = realpathSync(execFileSync("sh", ["-c", "command -v nvcc"], { encoding: "utf8" }).trim());
  const release = /release ([\d.]+)/.exec(execFileSync(compiler, ["--version"], { encoding: "utf8" }))?.[1];
  const toolkit = path.dirname(path.dirname(compiler));
  const defines = {
    CMAKE_BUILD_TYPE: "Release",
    CMAKE_CUDA_COMPILER: compiler,
    CMAKE_CUDA_ARCHITECTURES: architecture,
    // The prebuilt libllama has libggml-base.so loaded under this plain name; the backend must ask for the same.
    CMAKE_PLATFORM_NO_VERSIONED_SONAME: "ON",
    CMAKE_BUILD_WITH_INSTALL_RPATH: "ON",
    CMAKE_INSTALL_RPATH: `$ORIGIN;${path.join(toolkit, "lib64")}`,
    BUILD_SHARED_LIBS: "ON",
    GGML_BACKEND_DL: "ON",
    GGML_NATIVE: "OFF",
    GGML_CPU: "OFF",
    GGML_OPENMP: "OFF",
    GGML_CUDA: "ON",
    GGML_CUDA_NCCL: "OFF",
    LLAMA_BUILD_APP: "OFF",
    LLAMA_BUILD_COMMON: "OFF",
    LLAMA_BUILD_TESTS: "OFF",
    LLAMA_BUILD_TOOLS: "OFF",
    LLAMA_BUILD_EXAMPLES: "OFF",
    LLAMA_BUILD_SERVER: "OFF",
  };
  run("cmake", [
    "-S",
    path.join(repositoryRoot, "native/build/llama.cpp"),
    "-B",
    folder,
    ...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
  ]);
  run("cmake", ["--build", folder, "--target", "ggml-cuda", "--parallel", String(os.availableParallelism())]);
  const library = path.join(folder, "bin/libggml-cuda.so");
  if (!existsSync(library)) throw new Error(`The build made no ${library}.`);
  return { library, description: `compiled for compute capability ${capability} with CUDA ${release}'s nvcc` };
}

/** Puts a library in the place of the prebuilt one; the function that is returned undoes it. */
export function putInPlace(library: string): () => void {
  const bins = findBinaries(path.join(repositoryRoot, "node_modules"), "cuda")?.bins;
  if (bins === undefined) throw new Error("The package of the CUDA variant is not installed.");
  const place = path.join(bins, "libggml-cuda.so");
  const aside = `${place}.prebuilt`;
  if (existsSync(place) && !existsSync(aside)) renameSync(place, aside);
  copyFileSync(library, place);
  return () => {
    rmSync(place, { force: true });
    if (existsSync(aside)) renameSync(aside, place);
  };
}

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status === 0) return;
  throw new Error(`${command} ${args[0]} failed: ${error?.message ?? `${stdout}${stderr}`.slice(-4000)}`);
}
