import type { Fit } from "../../contract/doctor.ts";
import type { Device, ModelEntry } from "../../contract/model.ts";
import type { DetectSettings } from "../../contract/profile.ts";
import { formatBytes } from "../format-bytes.ts";

/** Image sizes that are asked about: the profiles' budgets, and a full-HD screenshot unscaled. */
const imageTokens = [640, 1280, 2691] as const;
const promptTokens = 64;

export interface FitQuestion {
  readonly model: ModelEntry;
  readonly mmprojBytes: number;
  readonly settings: DetectSettings;
  /** As the engine saw them before anything was loaded. */
  readonly devices: readonly Device[];
  /** Whether the engine computes on a GPU. */
  readonly onGpu: boolean;
}

/**
 * Estimates by node-llama-cpp's insights, which know the language model; the mmproj is counted by the size of its file,
 * and its compute buffer not at all. Of the insights' two ways the older one is used: it is plain arithmetic on the
 * header, while the newer one loads the model's outline into this process.
 * Throws what reading the header throws.
 */
export async function estimateFits({ model, mmprojBytes, settings, devices, onGpu }: FitQuestion): Promise<Fit[]> {
  const { GgufInsights, readGgufFileInfo } = await import("node-llama-cpp");
  const insights = await GgufInsights.from(await readGgufFileInfo(model.modelPath));
  const gpuLayers = onGpu ? (settings.gpuLayers < 0 ? insights.totalLayers : settings.gpuLayers) : 0;
  const weights = insights.estimateModelResourceRequirements({ gpuLayers });
  const gpus = devices.filter(({ type }) => type === "gpu" || type === "igpu");
  const [gpuFree, cpuFree] = [
    gpus.reduce((sum, { memoryFree }) => sum + memoryFree, 0),
    Math.max(0, ...devices.filter(({ type }) => type === "cpu").map(({ memoryFree }) => memoryFree)),
  ];
  return imageTokens.map((tokens): Fit => {
    const contextTokens = settings.contextTokens || tokens + promptTokens + settings.maxNewTokens;
    const context = insights.estimateContextResourceRequirements({
      contextSize: contextTokens,
      modelGpuLayers: gpuLayers,
      batchSize: settings.batchTokens || tokens,
      flashAttention: settings.flashAttention !== "off",
    });
    const encoderOnGpu = onGpu && settings.gpuLayers !== 0;
    const gpuBytes = weights.gpuVram + context.gpuVram + (encoderOnGpu ? mmprojBytes : 0);
    const cpuBytes = weights.cpuRam + context.cpuRam + (encoderOnGpu ? 0 : mmprojBytes);
    const holds = contextTokens >= tokens + promptTokens;
    return {
      imageTokens: tokens,
      contextTokens,
      gpuBytes: onGpu ? gpuBytes : 0,
      cpuBytes: onGpu ? cpuBytes : gpuBytes + cpuBytes,
      fits: holds && (onGpu ? gpuBytes <= gpuFree && cpuBytes <= cpuFree : gpuBytes + cpuBytes <= cpuFree),
      note: holds
        ? `Compared with ${formatBytes(onGpu ? gpuFree : cpuFree)} that were free ${onGpu ? "on the GPU" : "in main memory"} before loading.`
        : "The context does not hold the image.",
      source: {
        kind: "estimate",
        detail: "node-llama-cpp's insights for the language model, the file's size for the mmproj",
      },
    };
  });
}
