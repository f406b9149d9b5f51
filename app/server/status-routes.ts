import { Hono } from "hono";
import type { Host } from "../host/types.ts";
import type { ServerEnv } from "./gate.ts";

/** GET /health and GET /gpu-info: cheap answers about the service, without starting a run. */
export function statusRoutes(host: Host): Hono<ServerEnv> {
  const routes = new Hono<ServerEnv>();

  routes.get("/health", async (context) => {
    const [info, engine, settings] = await Promise.all([
      host.call("app.info", {}),
      host.call("engine.state", {}),
      host.call("settings.get", {}),
    ]);
    return context.json(
      {
        status: "healthy",
        service: "holoscope",
        version: info.version,
        model: engine.modelId ?? settings.modelId,
        model_loaded: engine.model !== undefined,
        device: engine.backend ?? "not started",
        engine: engine.state,
        queued: engine.queued,
        ...(engine.lastError === undefined
          ? {}
          : { last_error: { code: engine.lastError.code, message: engine.lastError.message } }),
      },
      200,
      { "Cache-Control": "no-store" },
    );
  });

  routes.get("/gpu-info", async (context) => {
    const backends = await host.call("backends.list", {});
    const gpus = backends.filter((backend) => backend.backend !== "cpu" && backend.available);
    const devices = gpus.flatMap((backend) =>
      (backend.devices ?? []).map((device) => ({
        name: device.name,
        description: device.description,
        backend: backend.backend,
        memory_total_bytes: device.memoryTotal,
        memory_free_bytes: device.memoryFree,
      })),
    );
    return context.json(
      {
        available: gpus.length > 0,
        device: gpus[0]?.backend ?? "cpu",
        device_count: devices.length,
        devices,
        backends: backends.map(({ backend, available, reason }) => ({ backend, available, reason })),
      },
      200,
      { "Cache-Control": "no-store" },
    );
  });

  return routes;
}
