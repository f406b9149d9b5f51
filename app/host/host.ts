import { closedError } from "./abortable.ts";
import { makeCall } from "./call.ts";
import { makeHandlers } from "./handlers.ts";
import { assembleParts, type HostSurroundings } from "./parts.ts";
import type { Host, HostOptions } from "./types.ts";

/**
 * The application without any window. The engine starts with the first call that needs it.
 * Throws STORAGE_FAILED or DISK_FULL when the data folder cannot be made.
 */
export async function createHost(options: HostOptions, surroundings: HostSurroundings = {}): Promise<Host> {
  const parts = await assembleParts(options, surroundings);
  const { log, events, images, models, runs, queue, supervisor, detections, timings, jobs, modelFiles, modelRemoval } =
    parts;
  const call = makeCall(makeHandlers(parts));
  let closing: Promise<void> | undefined;
  const checkOpen = (): void => {
    if (closing !== undefined) throw closedError();
  };
  log.write("info", `Holoscope ${options.appVersion} started (${options.door}, Node ${process.versions.node})`);

  const close = async (): Promise<void> => {
    models.close();
    modelFiles.close();
    await jobs.close();
    await modelRemoval.close();
    // The engine's end lets the running task end; both write what they have.
    await Promise.all([queue.clear(), supervisor.close()]);
    await runs.close();
    log.write("info", "Holoscope closed");
    log.close();
  };

  return {
    call: async (method, params) => {
      checkOpen();
      return call(method, params);
    },
    on: (event, listener) => events.on(event, listener),
    detect: async (request) => {
      checkOpen();
      return detections.start(request);
    },
    imageFile: (id) => images.file(id),
    overlay: async (imageId, boxes) => {
      checkOpen();
      const { path: imagePath } = await images.file(imageId);
      const body = { type: "overlay" as const, imagePath, boxes: [...boxes] };
      return supervisor.light(parts.settings.current.backend, async (engine) => {
        const { value } = await engine.request(body, "overlaid", { silenceMs: timings.overlay });
        return value.png;
      });
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
