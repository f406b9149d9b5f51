import { bundledModelId, defined, type ImageRef, type ParsedParams } from "../contract/index.ts";
import type { Handlers } from "./call.ts";
import { diagnosticsFileName, diagnosticsText } from "./doctor/diagnostics.ts";
import { installedLlamaRelease } from "./engine/llama-release.ts";
import { loadModel, unloadModel } from "./engine/model-loading.ts";
import { machineMemory } from "./models/files/fit.ts";
import { describeStorage } from "./models/files/storage.ts";
import { modelSuggestions } from "./models/files/suggestions.ts";
import type { HostParts } from "./parts.ts";

/** For "copy diagnostics", which takes no options. */
const diagnosticsDefaults = { includePaths: false, includeImageNames: false, logLines: 200 } as const;
const maxRecentImages = 20;

/** The contract's methods, in terms of the host's parts. */
export function makeHandlers(parts: HostParts): Handlers {
  const { options, settings, backends, supervisor, images, models, runs, exchange, truth, detections } = parts;
  const { endpointCalls, jobs, modelFiles, doctor, detectionData } = parts;
  const llamaRelease = async (): Promise<string> =>
    supervisor.lastInfo?.llamaCppRelease ?? (await installedLlamaRelease());
  return {
    "app.info": async () => ({
      version: options.appVersion,
      platform: process.platform,
      door: options.door,
      llamaCppRelease: await llamaRelease(),
      dataFolder: options.dataFolder,
      problems: [...settings.problems, ...models.problems, ...parts.endpoints.problems],
    }),
    "app.diagnostics": async () => ({
      text: await diagnosticsText(parts, { ...diagnosticsDefaults, examine: false }),
    }),
    "images.add": async ({ bytes, name }) => remember(parts, await images.add(bytes, name)),
    "images.addPath": async ({ path }) => remember(parts, await images.addPath(path)),
    "images.setScale": ({ id, scale }) => images.setScale(id, scale),
    "images.get": ({ id }) => images.get(id),
    "images.overlay": (request) => overlay(parts, request),
    "images.samples": () => images.samples(),
    "images.delete": ({ ids }) => detectionData.deleteImages(ids),
    "storage.usage": () => detectionData.usage(),
    "storage.clear": () => detectionData.clear(),
    "storage.tidy": () => detectionData.tidy(),
    "runs.start": async (request) => {
      const { runId, cached } = await detections.start(request, true);
      return { runId, ...defined({ cached }) };
    },
    "runs.cancel": ({ runId }) => ({ cancelled: detections.cancel(runId) }),
    "runs.list": ({ imageId, limit }) => runs.list({ imageId, limit }),
    "runs.get": async ({ runId }) => {
      const run = await runs.get(runId);
      return { ...run, image: await images.withPresentScale(run.image) };
    },
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
      // Windows cannot delete files that the engine has mapped into memory.
      if (deleteFiles && supervisor.loadedModelId === id) await unloadModel(parts);
      const result = await parts.modelRemoval.remove(id, deleteFiles);
      if (result.removed && settings.current.modelId === id) await settings.update({ modelId: bundledModelId });
      return result;
    },
    "models.restore": ({ id }) => parts.modelRemoval.restore(id),
    "endpoints.list": () => endpointCalls.list(),
    "endpoints.add": (request) => endpointCalls.add(request),
    "endpoints.update": (request) => endpointCalls.update(request),
    "endpoints.remove": async ({ id }) => ({ removed: await endpointCalls.remove(id) }),
    "endpoints.check": ({ id }) => parts.elsewhere.check(id),
    "models.suggestions": () => [...modelSuggestions],
    "models.remote.list": ({ reference }) => modelFiles.list(reference),
    "models.pull": (request) => ({ jobId: modelFiles.pull(request) }),
    "models.import": (request) => ({ jobId: modelFiles.import(request) }),
    "models.convert": (request) => ({ jobId: modelFiles.convert(request) }),
    "models.repair": async (request) => ({ jobId: await modelFiles.repair(request) }),
    "models.jobs": () => jobs.list(),
    "models.jobs.cancel": async ({ jobId }) => ({ cancelled: await jobs.cancel(jobId) }),
    "models.discard": async ({ id }) => ({ discarded: await parts.modelFolder.discard(id, await models.refresh()) }),
    "models.storage": async () =>
      describeStorage(parts.modelFolder, await models.list(), machineMemory(await backends.known()), jobs.running),
    "doctor.run": (request) => doctor.run(request),
    "doctor.last": () => ({ report: doctor.lastReport ?? null }),
    "doctor.try": (request) => doctor.try(request),
    "doctor.cancel": ({ id }) => ({ cancelled: doctor.cancel(id) }),
    "diagnostics.bundle": async (request) => ({
      text: await diagnosticsText(parts, { ...request, examine: true }),
      fileName: diagnosticsFileName(new Date()),
    }),
    "models.info": ({ id }) => models.info(id),
    "models.load": (request) => loadModel(parts, request),
    "models.unload": async () => ({ unloaded: await unloadModel(parts) }),
    "backends.list": () => backends.list((backend) => supervisor.tryBackend(backend)),
    "engine.state": () => parts.engineState(),
    "settings.get": () => settings.refresh(),
    "settings.update": (patch) => settings.update(patch),
  };
}

/** Drawn by the engine beside whatever it does. Throws what the image's file makes the engine throw. */
async function overlay(
  parts: HostParts,
  { image, elements }: ParsedParams<"images.overlay">,
): Promise<{ png: string }> {
  const { images, supervisor, settings, timings } = parts;
  const ground = (await images.has(image.id)) ? (await images.file(image.id)).path : image;
  const body = { type: "overlay" as const, ground, elements };
  return supervisor.light(settings.current.backend, async (engine) => {
    const { value } = await engine.request(body, "overlaid", { silenceMs: timings.overlay });
    return { png: Buffer.from(value.png).toString("base64") };
  });
}

/**
 * Puts an image that the user opened first in the list of recent images. Only on the desktop: other programs send
 * images through the browser door too. If the list cannot be saved, the image still opens.
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
