import { sum } from "d3-array";
import { type DetectSettings, type Device, type Fit, isGpu, type ModelEntry } from "../../contract/index.ts";
import { formatBytes } from "../../presentation/numbers.ts";

/** Image tokens to estimate for: two profiles' budgets, and a full-HD screenshot without scaling. */
const imageTokens = [640, 1280, 2691] as const;
const promptTokens = 64;

export interface FitQuestion {
  readonly model: Pick<ModelEntry, "modelPath">;
  readonly mmprojBytes: number;
  readonly settings: DetectSettings;
  /** As the engine saw them before anything was loaded. */
  readonly devices: readonly Device[];
  /** Whether the engine computes on a GPU. */
  readonly onGpu: boolean;
}

/**
 * Only for a process of its own, which fits.ts starts: the insights compute synchronously, for ever on some headers.
 * Estimates with node-llama-cpp's insights, which cover the language model; the mmproj counts with its file's size, its
 * compute buffer not at all. Of the two ways to estimate, this uses the older one, which is arithmetic on the header;
 * the newer one loads the model's structure into the process. Throws what reading the header throws.
 */
export async function estimateFits({ model, mmprojBytes, settings, devices, onGpu }: FitQuestion): Promise<Fit[]> {
  const { GgufInsights, readGgufFileInfo } = await import("node-llama-cpp");
  const insights = await GgufInsights.from(await readGgufFileInfo(model.modelPath));
  const gpuLayers = onGpu ? (settings.gpuLayers < 0 ? insights.totalLayers : settings.gpuLayers) : 0;
  const weights = insights.estimateModelResourceRequirements({ gpuLayers });
  const gpuFree = sum(devices.filter(isGpu), ({ memoryFree }) => memoryFree);
  const cpuFree = Math.max(0, ...devices.map(({ type, memoryFree }) => (type === "cpu" ? memoryFree : 0)));
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
