import path from "node:path";
import { Hono } from "hono";
import {
  type BackendStatus,
  type Device,
  type GpuInfo,
  type Health,
  isGpu,
  type ModelsStatus,
} from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { ServerEnv } from "./gate.ts";
import { deviceName } from "./parse-answer.ts";

const noStore = { "Cache-Control": "no-store" } as const;
const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

/** The GPU that the original's fields describe: the first of the best backend that works. */
function firstGpu(backends: readonly BackendStatus[]): Device | undefined {
  const found = backends.find(({ backend, available }) => backend !== "cpu" && available);
  return found?.devices?.find(isGpu) ?? found?.devices?.[0];
}

function gpuName({ description, name }: Device): string {
  return description || name;
}

/** The original's fields of GET /gpu-info; without a GPU all but the type are null. */
function originalGpuInfo(device: string, gpu: Device | undefined) {
  const total = gpu?.memoryTotal ?? 0;
  const used = gpu === undefined ? 0 : gpu.memoryTotal - gpu.memoryFree;
  const known = gpu !== undefined;
  return {
    device_type: deviceName(device),
    gpu_name: known ? gpuName(gpu) : null,
    memory_total_mb: known ? Math.floor(total / MiB) : null,
    memory_used_mb: known ? Math.floor(used / MiB) : null,
    memory_free_mb: known ? Math.floor(gpu.memoryFree / MiB) : null,
    memory_utilization_percent: known && total > 0 ? Math.round((used / total) * 10_000) / 100 : null,
  };
}

/** The original's fields about the GPU in GET /health, of its last version and of the one before. */
function originalHealth(gpu: Device | undefined) {
  const used = gpu === undefined ? null : gpu.memoryTotal - gpu.memoryFree;
  return {
    gpu_name: gpu === undefined ? null : gpuName(gpu),
    gpu_memory_total_gb: gpu === undefined ? null : gpu.memoryTotal / GiB,
    gpu_memory_used_gb: used === null ? null : used / GiB,
    gpu_memory_total_mb: gpu === undefined ? null : Math.floor(gpu.memoryTotal / MiB),
    gpu_memory_used_mb: used === null ? null : Math.floor(used / MiB),
    gpu_memory_free_mb: gpu === undefined ? null : Math.floor(gpu.memoryFree / MiB),
  };
}

/**
 * GET /health, /gpu-info and /models/status: cheap answers about the service, without starting a run. They have the
 * original's fields, and ours beside them.
 */
export function statusRoutes(host: Host): Hono<ServerEnv> {
  const routes = new Hono<ServerEnv>();
  /** As found by the last /gpu-info: /health must not wait for a backend to be tried. */
  let gpu: Device | undefined;

  routes.get("/health", async (context) => {
    if (context.get("livenessOnly")) return context.json({ status: "healthy" }, 200, noStore);
    const [info, engine, settings] = await Promise.all([
      host.call("app.info", {}),
      host.call("engine.state", {}),
      host.call("settings.get", {}),
    ]);
    const { lastError } = engine;
    const loaded = engine.model !== undefined;
    return context.json(
      {
        status: "healthy",
        service: "holoscope",
        version: info.version,
        model: engine.modelId ?? settings.modelId,
        model_loaded: loaded,
        models_loaded: loaded,
        device: deviceName(engine.backend ?? settings.backend),
        backend: "llama.cpp",
        ...originalHealth(gpu),
        engine: engine.state,
        queued: engine.queued,
        ...(lastError && { last_error: { code: lastError.code, message: lastError.message } }),
      } satisfies Health,
      200,
      noStore,
    );
  });

  routes.get("/models/status", async (context) => {
    const [engine, settings, models] = await Promise.all([
      host.call("engine.state", {}),
      host.call("settings.get", {}),
      host.call("models.list", {}),
    ]);
    const id = engine.modelId ?? settings.modelId;
    const model = models.find((entry) => entry.id === id);
    const loaded = engine.model !== undefined;
    // Names alone: where files lie on this computer is nobody's business here.
    const file = (full: string | undefined) => (full === undefined ? "" : path.basename(full));
    const quantization = model?.quantisation ?? "unknown";
    return context.json(
      {
        icon_detector: { loaded, type: model?.name ?? id, path: file(model?.modelPath), quantization },
        caption_model: {
          loaded,
          type: model?.architecture ?? "unknown",
          path: file(model?.mmprojPath),
          device: deviceName(engine.backend ?? settings.backend),
          dtype: quantization,
        },
        weights_path: file(model?.modelPath),
      } satisfies ModelsStatus,
      200,
      noStore,
    );
  });

  routes.get("/gpu-info", async (context) => {
    const backends = await host.call("backends.list", {});
    const gpus = backends.filter((backend) => backend.backend !== "cpu" && backend.available);
    gpu = firstGpu(backends);
    const device = gpus[0]?.backend ?? "cpu";
    const devices = gpus.flatMap((backend) =>
      (backend.devices ?? []).map((each) => ({
        name: each.name,
        description: each.description,
        backend: backend.backend,
        memory_total_bytes: each.memoryTotal,
        memory_free_bytes: each.memoryFree,
      })),
    );
    return context.json(
      {
        ...originalGpuInfo(device, gpu),
        available: gpus.length > 0,
        device,
        device_count: devices.length,
        devices,
        backends: backends.map(({ backend, available, reason }) => ({ backend, available, reason })),
      } satisfies GpuInfo,
      200,
      noStore,
    );
  });

  return routes;
}
