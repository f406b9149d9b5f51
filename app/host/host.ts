import { detectRequestSchema, parseOrThrow } from "../contract/index.ts";
import { closedError } from "./abortable.ts";
import { dispatch } from "./call.ts";
import { makeHandlers } from "./handlers.ts";
import { assembleParts, type HostSurroundings } from "./parts.ts";
import type { Host, HostOptions } from "./types.ts";

/**
 * The application without any window. The engine starts with the first call that needs it.
 * Throws STORAGE_FAILED or DISK_FULL when the data folder cannot be made.
 */
export async function createHost(options: HostOptions, surroundings: HostSurroundings = {}): Promise<Host> {
  const parts = await assembleParts(options, surroundings);
  const { log, events, images, settings, models, runs, pool, supervisor, detections, jobs, modelFiles, modelRemoval } =
    parts;
  const { detectionData, endpoints, keys, elsewhere } = parts;
  const handlers = makeHandlers(parts);
  let closing: Promise<void> | undefined;
  const checkOpen = (): void => {
    if (closing !== undefined) throw closedError();
  };
  log.write("info", `Holoscope ${options.appVersion} started (${options.door}, Node ${process.versions.node})`);

  const close = async (): Promise<void> => {
    models.close();
    settings.close();
    endpoints.close();
    keys.close();
    modelFiles.close();
    await jobs.close();
    await modelRemoval.close();
    // Ending the engine ends the running task, which writes its record.
    await Promise.all([pool.clear(), supervisor.close(), elsewhere.close()]);
    await detectionData.close();
    await runs.close();
    log.write("info", "Holoscope closed");
    log.close();
  };

  const host: Host = {
    dispatch: async (method, params) => {
      checkOpen();
      return dispatch(handlers, method, params);
    },
    // The handlers' types tie each method to its result; the compiler cannot follow that through the table.
    call: (method, params) => host.dispatch(method, params) as Promise<never>,
    on: (event, listener) => events.on(event, listener),
    detect: async (request, { keep = true } = {}) => {
      checkOpen();
      return detections.start(parseOrThrow(detectRequestSchema, request, "BAD_REQUEST", "The request"), keep);
    },
    takeIn: async (bytes, name) => {
      checkOpen();
      const { keepParsed: keep } = await settings.refresh();
      if (keep) return { image: await images.add(bytes, name), keep, giveBack: async () => {} };
      const { image, giveBack } = await images.lend(bytes, name);
      const quietly = () =>
        giveBack().catch((error: unknown) => log.write("warn", `An image was left behind: ${String(error)}`));
      return { image, keep, giveBack: quietly };
    },
    displayFile: (id) => images.displayFile(id),
    log: (level, text) => log.write(level, text),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
  return host;
}
