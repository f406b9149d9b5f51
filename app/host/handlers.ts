import type { ImageRef } from "../contract/image.ts";
import { bundledModelId } from "../contract/settings.ts";
import type { Handlers } from "./call.ts";
import { diagnosticsFileName, diagnosticsText } from "./diagnostics.ts";
import { Doctor } from "./doctor/doctor.ts";
import { installedLlamaRelease } from "./llama-release.ts";
import { machineMemory } from "./model-files/fit.ts";
import { describeStorage } from "./model-files/storage.ts";
import { modelSuggestions } from "./model-files/suggestions.ts";
import { loadModel, unloadModel } from "./model-loading.ts";
import type { HostParts } from "./parts.ts";

/** Of "copy diagnostics", which asks nothing. */
const diagnosticsDefaults = { includePaths: false, includeImageNames: false, logLines: 200 } as const;
const maxRecentImages = 20;

/** The contract's methods, in terms of the host's parts. */
export function makeHandlers(parts: HostParts): Handlers {
  const { options, settings, backends, supervisor, images, models, runs, exchange, truth, detections } = parts;
  const { jobs, modelFiles } = parts;
  const doctor = new Doctor({ parts, ...parts.doctorSurroundings });
  const llamaRelease = async (): Promise<string> =>
    supervisor.lastInfo?.llamaCppRelease ?? (await installedLlamaRelease());
  return {
    "app.info": async () => ({
      version: options.appVersion,
      platform: process.platform,
      door: options.door,
      llamaCppRelease: await llamaRelease(),
      dataFolder: options.dataFolder,
    }),
    "app.diagnostics": async () => ({
      text: await diagnosticsText(parts, doctor, { ...diagnosticsDefaults, examine: false }),
    }),
    "images.add": async ({ bytes, name }) => remember(parts, await images.add(bytes, name)),
    "images.addPath": async ({ path }) => remember(parts, await images.addPath(path)),
    "images.get": ({ id }) => images.get(id),
    "images.samples": () => images.samples(),
    "runs.start": async (request) => {
      const { runId, cached } = await detections.start(request);
      return { runId, ...(cached === undefined ? {} : { cached }) };
    },
    "runs.cancel": ({ runId }) => ({ cancelled: detections.cancel(runId) }),
    "runs.list": ({ imageId, limit }) => runs.list({ imageId, limit }),
    "runs.get": ({ runId }) => runs.get(runId),
    "runs.delete": async ({ runId }) => ({ deleted: (await runs.delete([runId])).length > 0 }),
    "runs.deleteMany": async ({ runIds }) => ({ deleted: await runs.delete(runIds) }),
    "runs.restore": ({ runIds }) => runs.restore(runIds),
    "runs.annotate": ({ runId, ...patch }) => runs.annotate(runId, patch),
    "runs.annotations": ({ runId }) => runs.annotations(runId),
    "runs.export": async ({ runId, withImage }) => ({ json: await exchange.export(runId, withImage) }),
    "runs.import": ({ json }) => exchange.import(json),
    "truth.set": ({ imageId, truth: given }) => truth.set(imageId, given),
    "truth.get": async ({ imageId }) => ({ truth: await truth.get(imageId) }),
    "truth.clear": async ({ imageId }) => ({ cleared: await truth.clear(imageId) }),
    "models.list": () => models.list(),
    "models.add": (request) => models.add(request),
    "models.remove": async ({ id, deleteFiles }) => {
      // Windows does not let go of files that the engine has mapped.
      if (deleteFiles && supervisor.loadedModelId === id) await unloadModel(parts);
      const result = await parts.modelRemoval.remove(id, deleteFiles);
      if (result.removed && settings.current.modelId === id) await settings.update({ modelId: bundledModelId });
      return result;
    },
    "models.restore": ({ id }) => parts.modelRemoval.restore(id),
    "models.suggestions": () => [...modelSuggestions],
    "models.remote.list": ({ reference }) => modelFiles.list(reference),
    "models.pull": (request) => ({ jobId: modelFiles.pull(request) }),
    "models.import": (request) => ({ jobId: modelFiles.import(request) }),
    "models.convert": (request) => ({ jobId: modelFiles.convert(request) }),
    "models.repair": async (request) => ({ jobId: await modelFiles.repair(request) }),
    "models.jobs": () => jobs.list(),
    "models.jobs.cancel": async ({ jobId }) => ({ cancelled: await jobs.cancel(jobId) }),
    "models.discard": async ({ id }) => ({ discarded: await parts.modelFolder.discard(id) }),
    "models.storage": async () =>
      describeStorage(parts.modelFolder, await models.list(), machineMemory(await backends.known())),
    "doctor.run": (request) => doctor.run(request),
    "doctor.last": () => ({ report: doctor.lastReport ?? null }),
    "doctor.try": (request) => doctor.try(request),
    "doctor.cancel": ({ id }) => ({ cancelled: doctor.cancel(id) }),
    "diagnostics.bundle": async (request) => ({
      text: await diagnosticsText(parts, doctor, { ...request, examine: true }),
      fileName: diagnosticsFileName(new Date()),
    }),
    "models.info": ({ id }) => models.info(id),
    "models.load": (request) => loadModel(parts, request),
    "models.unload": async () => ({ unloaded: await unloadModel(parts) }),
    "backends.list": () => backends.list((backend) => supervisor.tryBackend(backend)),
    "engine.state": () => parts.engineState(),
    "settings.get": () => settings.current,
    "settings.update": (patch) => settings.update(patch),
  };
}

/**
 * Puts an image that the user opened at the head of the recent ones. Only for the desktop: the browser door also takes
 * in the images of other programs. A full disk must not keep the image from being opened.
 */
async function remember({ options, settings, log }: HostParts, image: ImageRef): Promise<ImageRef> {
  if (options.door !== "desktop" || settings.current.recentImages[0] === image.id) return image;
  try {
    await settings.update(({ recentImages }) => ({
      recentImages: [image.id, ...recentImages.filter((id) => id !== image.id)].slice(0, maxRecentImages),
    }));
  } catch (error) {
    log.write("warn", "The recent images could not be saved", { error: String(error) });
  }
  return image;
}
