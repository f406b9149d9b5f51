import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Backend } from "../../contract/index.ts";

interface NeededLibrary {
  readonly pattern: RegExp;
  /** Its name in messages. */
  readonly name: string;
  readonly from: string;
}

const cudaToolkit = "the CUDA 13 (or 12) runtime";
const nvidiaDriver = "the NVIDIA driver";
const vulkanDriver = "the graphics driver or the Vulkan loader";

/** What node-llama-cpp's prebuilt GPU backends are linked against (their dynamic sections), by platform. */
const needed: Partial<Record<string, Partial<Record<Backend, readonly NeededLibrary[]>>>> = {
  linux: {
    cuda: [
      { pattern: /^libcuda\.so(\.1)?$/, name: "libcuda.so.1", from: nvidiaDriver },
      { pattern: /^libcudart\.so\.1[23](\.|$)/, name: "libcudart.so.13", from: cudaToolkit },
      { pattern: /^libcublas\.so\.1[23](\.|$)/, name: "libcublas.so.13", from: cudaToolkit },
    ],
    vulkan: [{ pattern: /^libvulkan\.so(\.1)?$/, name: "libvulkan.so.1", from: vulkanDriver }],
  },
  win32: {
    cuda: [
      { pattern: /^nvcuda\.dll$/i, name: "nvcuda.dll", from: nvidiaDriver },
      { pattern: /^cudart64_1[23].*\.dll$/i, name: "cudart64_13.dll", from: cudaToolkit },
      { pattern: /^cublas64_1[23]\.dll$/i, name: "cublas64_13.dll", from: cudaToolkit },
    ],
    vulkan: [{ pattern: /^vulkan-1\.dll$/i, name: "vulkan-1.dll", from: vulkanDriver }],
  },
};

/** Where the system's loader searches, as far as can be told without loading anything. */
interface LibraryPlaces {
  readonly platform: string;
  /** Names of the files that the loader would find. */
  names(): Promise<ReadonlySet<string>>;
}

/** One sentence for each library that a backend needs and the loader would not find. */
export async function missingLibraries(backend: Backend, places: LibraryPlaces = systemPlaces): Promise<string[]> {
  const libraries = needed[places.platform]?.[backend] ?? [];
  if (libraries.length === 0) return [];
  const names = [...(await places.names())];
  return libraries
    .filter(({ pattern }) => !names.some((name) => pattern.test(name)))
    .map(({ name, from }) => `${name} was not found; it comes with ${from}`);
}

const systemPlaces: LibraryPlaces = {
  platform: process.platform,
  names: async () => new Set((await Promise.all([loaderCache(), ...folders().map(namesIn)])).flat()),
};

function folders(): string[] {
  const split = (variable: string): string[] => (process.env[variable] ?? "").split(path.delimiter).filter(Boolean);
  if (process.platform === "win32") {
    const system = path.join(process.env.SystemRoot ?? "C:\\Windows", "System32");
    const toolkit = process.env.CUDA_PATH;
    const bins = toolkit === undefined ? [] : [path.join(toolkit, "bin"), path.join(toolkit, "bin", "x64")];
    return [system, ...split("PATH"), ...bins];
  }
  return [
    ...split("LD_LIBRARY_PATH"),
    ...["/lib", "/usr/lib", "/usr/lib64", `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`],
    ...["/usr/local/cuda/lib64", "/usr/local/lib", "/run/opengl-driver/lib"],
  ];
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** The names in "ldconfig -p": the libraries that the loader finds without LD_LIBRARY_PATH. */
function loaderCache(): Promise<string[]> {
  if (process.platform !== "linux") return Promise.resolve([]);
  const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/sbin:/usr/sbin` };
  return new Promise((resolve) => {
    execFile("ldconfig", ["-p"], { timeout: 5000, env, maxBuffer: 8 * 2 ** 20 }, (error, stdout) => {
      if (error !== null) return resolve([]);
      resolve(stdout.split("\n").flatMap((line) => /^\s+(\S+) \(/.exec(line)?.[1] ?? []));
    });
  });
}
