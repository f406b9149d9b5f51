import { z } from "zod";
import { annotationPatchSchema, runAnnotationsSchema } from "./annotations.ts";
import { detectionSchema, stageSchema } from "./detection.ts";
import { doctorMethods } from "./doctor-methods.ts";
import { doctorProgressSchema } from "./doctor-try.ts";
import { endpointEntrySchema, endpointMethods } from "./endpoint.ts";
import { drawnElementSchema, phaseSchema } from "./engine.ts";
import { errorInfoSchema } from "./errors.ts";
import { bytesSchema, imageIdSchema, imageLimits, imageRefSchema } from "./image.ts";
import { keptDataSchema, removedDataSchema } from "./kept.ts";
import {
  backendChoiceSchema,
  backendSchema,
  deviceSchema,
  loadedModelSchema,
  modelEntrySchema,
  pairInspectionSchema,
} from "./model.ts";
import { modelFileMethods } from "./model-file-methods.ts";
import { modelJobSchema } from "./model-files.ts";
import { cachedFromSchema, detectRequestSchema, runIdSchema, runRecordSchema } from "./run.ts";
import { runFileLimits } from "./run-file.ts";
import { maxListedRuns, runSummarySchema } from "./run-summary.ts";
import { scaleValueSchema } from "./scale.ts";
import { settingsPatchSchema, settingsSchema } from "./settings.ts";
import { truthSchema } from "./truth.ts";

interface Method {
  readonly params: z.ZodType;
  readonly result: z.ZodType;
  readonly door?: "desktop";
}

const nothing = z.object({}).strict();
const maxDrawnElements = 10_000;
const someImageIds = z.array(imageIdSchema).min(1).max(maxListedRuns);
const someRunIds = z.array(runIdSchema).min(1).max(maxListedRuns);

export const appInfoSchema = z.object({
  version: z.string(),
  platform: z.string(),
  door: z.enum(["desktop", "browser"]),
  llamaCppRelease: z.string(),
  /** Shown in "about" and diagnostics on the user's own machine only. */
  dataFolder: z.string(),
  /** Problems at the host's start that the user should know, such as settings that could not be read. */
  problems: z.array(errorInfoSchema),
});
export type AppInfo = z.infer<typeof appInfoSchema>;

export const backendStatusSchema = z.object({
  backend: backendSchema,
  available: z.boolean(),
  /** Why it can or cannot be used, in one sentence. */
  reason: z.string(),
  devices: z.array(deviceSchema).optional(),
});
export type BackendStatus = z.infer<typeof backendStatusSchema>;

export const engineStateSchema = z.object({
  state: z.enum(["stopped", "starting", "idle", "loading", "busy", "crashed"]),
  backend: backendSchema.optional(),
  backendReason: z.string().optional(),
  modelId: z.string().optional(),
  model: loadedModelSchema.optional(),
  queued: z.int().min(0),
  /** How often the engine had to be restarted since the app started. */
  restarts: z.int().min(0),
  lastError: errorInfoSchema.optional(),
});
export type EngineState = z.infer<typeof engineStateSchema>;

export const modelFileInfoSchema = z.object({ entry: modelEntrySchema, inspection: pairInspectionSchema });
export type ModelFileInfo = z.infer<typeof modelFileInfoSchema>;

/**
 * The one table from which the preload bridge, the IPC gate, the HTTP routes and the renderer's client are made.
 * `door: "desktop"` marks methods that take a path on the user's disk: the browser door refuses them.
 */
export const methods = {
  "app.info": { params: nothing, result: appInfoSchema },
  "app.diagnostics": { params: nothing, result: z.object({ text: z.string() }) },
  /** Stores an image and answers with its id. Over HTTP the bytes are the request's body. */
  "images.add": {
    params: z.object({ bytes: bytesSchema, name: z.string().max(255).optional() }),
    result: imageRefSchema,
  },
  "images.addPath": { params: z.object({ path: z.string().min(1) }), result: imageRefSchema, door: "desktop" },
  /** Sets the image's scale, which stays with the image; null guesses it again from the file. */
  "images.setScale": {
    params: z.object({ id: imageIdSchema, scale: scaleValueSchema.nullable() }),
    result: imageRefSchema,
  },
  "images.get": { params: z.object({ id: imageIdSchema }), result: imageRefSchema },
  /**
   * The image with elements drawn on it, each tagged with the number in its id, as a PNG in base64. Where the image is
   * not stored here they are drawn on a plain ground of its size.
   */
  "images.overlay": {
    params: z.object({
      image: imageRefSchema
        .pick({ id: true, width: true, height: true })
        .refine(({ width, height }) => width * height <= imageLimits.maxPixels, "the image is too large"),
      elements: z.array(drawnElementSchema).max(maxDrawnElements),
    }),
    result: z.object({ png: z.string() }),
  },
  "images.samples": { params: nothing, result: z.array(imageRefSchema) },
  /**
   * Removes images for good, with their runs, their ground truth and everything that was made of them; runs under way on
   * them are cancelled. There is no undo.
   */
  "images.delete": { params: z.object({ ids: someImageIds }), result: removedDataSchema },
  /**
   * Queues a detection; its events carry the run id. With `cached` the answer is that stored run, and there are no
   * events.
   */
  "runs.start": {
    params: detectRequestSchema,
    result: z.object({ runId: runIdSchema, cached: cachedFromSchema.optional() }),
  },
  "runs.cancel": { params: z.object({ runId: runIdSchema }), result: z.object({ cancelled: z.boolean() }) },
  "runs.list": {
    params: z.object({ imageId: imageIdSchema.optional(), limit: z.int().min(1).max(maxListedRuns).default(200) }),
    result: z.array(runSummarySchema),
  },
  "runs.get": { params: z.object({ runId: runIdSchema }), result: runRecordSchema },
  /** Moves a run to the trash, from where `runs.restore` brings it back for a while. */
  "runs.delete": { params: z.object({ runId: runIdSchema }), result: z.object({ deleted: z.boolean() }) },
  /** As `runs.delete`; answers with the ids that were there. */
  "runs.deleteMany": { params: z.object({ runIds: someRunIds }), result: z.object({ deleted: z.array(runIdSchema) }) },
  /** Undoes a deletion; answers with the runs that came back. */
  "runs.restore": { params: z.object({ runIds: someRunIds }), result: z.array(runSummarySchema) },
  /** Name, tags and note beside a run; fields left out stay as they are. */
  "runs.annotate": { params: annotationPatchSchema.extend({ runId: runIdSchema }), result: runSummarySchema },
  "runs.annotations": { params: z.object({ runId: runIdSchema }), result: runAnnotationsSchema },
  /** The text of a run file: the record, the annotations and, if asked for and stored here, the image. */
  "runs.export": {
    params: z.object({ runId: runIdSchema, withImage: z.boolean().default(true) }),
    result: z.object({ json: z.string() }),
  },
  /** Imports the text of a run file or of a plain record, with or without its image. */
  "runs.import": {
    params: z.object({ json: z.string().max(runFileLimits.characters, "the run file is too large") }),
    result: runSummarySchema,
  },
  /** How much of detections is kept on this computer. */
  "storage.usage": { params: nothing, result: keptDataSchema },
  /** Removes every image, run and ground truth for good, the trash included, and cancels what runs. */
  "storage.clear": { params: nothing, result: removedDataSchema },
  /** Removes now what the settings `keepDays` and `keepGb` no longer keep, and what belongs to nothing. */
  "storage.tidy": { params: nothing, result: removedDataSchema },
  /** Stores the ground truth of an image, replacing the present one. The image itself need not be stored here. */
  "truth.set": { params: z.object({ imageId: imageIdSchema, truth: truthSchema }), result: truthSchema },
  "truth.get": { params: z.object({ imageId: imageIdSchema }), result: z.object({ truth: truthSchema.nullable() }) },
  "truth.clear": { params: z.object({ imageId: imageIdSchema }), result: z.object({ cleared: z.boolean() }) },
  "models.list": { params: nothing, result: z.array(modelEntrySchema) },
  "models.add": {
    params: z.object({
      modelPath: z.string().min(1),
      mmprojPath: z.string().min(1).optional(),
      name: z.string().optional(),
    }),
    result: modelEntrySchema,
    door: "desktop",
  },
  /**
   * Forgets a model. With `deleteFiles` those of its files that lie in the models folder and belong to no other model
   * go to the trash, from where `models.restore` brings them back for a while.
   */
  "models.remove": {
    params: z.object({ id: z.string(), deleteFiles: z.boolean().default(false) }),
    result: z.object({ removed: z.boolean(), freedBytes: z.int().min(0) }),
  },
  /** Undoes a removal by this host. */
  "models.restore": { params: z.object({ id: z.string() }), result: modelEntrySchema },
  "models.info": { params: z.object({ id: z.string() }), result: modelFileInfoSchema },
  /** Loads a model now, again if it is loaded already, instead of at the next detection. */
  "models.load": {
    params: z.object({ id: z.string().optional(), backend: backendChoiceSchema.optional() }),
    result: loadedModelSchema,
  },
  ...endpointMethods,
  ...modelFileMethods,
  ...doctorMethods,
  "models.unload": { params: nothing, result: z.object({ unloaded: z.boolean() }) },
  "backends.list": { params: nothing, result: z.array(backendStatusSchema) },
  "engine.state": { params: nothing, result: engineStateSchema },
  "settings.get": { params: nothing, result: settingsSchema },
  "settings.update": { params: settingsPatchSchema, result: settingsSchema },
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as MethodName[];
/** As a caller writes them: fields with defaults may be left out. */
export type MethodParams<M extends MethodName> = z.input<(typeof methods)[M]["params"]>;
/** As the host receives them: parsed, defaults filled in. */
export type ParsedParams<M extends MethodName> = z.output<(typeof methods)[M]["params"]>;
export type MethodResult<M extends MethodName> = z.output<(typeof methods)[M]["result"]>;

export const events = {
  "engine.state": engineStateSchema,
  "run.queued": z.object({ runId: runIdSchema, request: detectRequestSchema, position: z.int().min(0) }),
  "run.progress": z.object({ runId: runIdSchema, phase: phaseSchema, fraction: z.number().min(0).max(1).optional() }),
  "run.stage": z.object({ runId: runIdSchema, stage: stageSchema }),
  "run.detection": z.object({ runId: runIdSchema, detection: detectionSchema }),
  /** The last event of a run, whether done, failed or cancelled. */
  "run.finished": z.object({ run: runRecordSchema }),
  /** Runs that were added to the library, changed (annotations) or removed. */
  "runs.changed": z.object({
    added: z.array(runSummarySchema),
    changed: z.array(runSummarySchema),
    removed: z.array(runIdSchema),
  }),
  /** null when the truth was cleared. */
  "truth.changed": z.object({ imageId: imageIdSchema, truth: truthSchema.nullable() }),
  "settings.changed": settingsSchema,
  "endpoints.changed": z.array(endpointEntrySchema),
  "models.changed": z.array(modelEntrySchema),
  /** A job on model files began, progressed or ended; at most a few times a second for each job. */
  "models.job": modelJobSchema,
  /** Progress of a `doctor.run` or `doctor.try`. */
  "doctor.progress": doctorProgressSchema,
  /** Images opened from outside the page: menu, file association, command line. */
  "images.opened": z.array(imageRefSchema),
  /** Images that are no longer stored, whose bytes nothing can show any more. */
  "images.removed": z.object({ ids: z.array(imageIdSchema) }),
  /** A command chosen in the native menu. */
  "menu.command": z.object({
    command: z.enum([
      "open",
      "detect",
      "cancel",
      "copy-diagnostics",
      "toggle-boxes",
      "palette",
      "shortcuts",
      "settings",
    ]),
  }),
} as const satisfies Record<string, z.ZodType>;

export type EventName = keyof typeof events;
export const eventNames = Object.keys(events) as EventName[];
export type EventPayload<E extends EventName> = z.output<(typeof events)[E]>;

/** Every failed answer over HTTP, and the failed form of a call's result. */
export const failedAnswerSchema = z.object({ ok: z.literal(false), error: errorInfoSchema });

/** How results and errors of calls cross IPC and HTTP. */
export const callResultSchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  failedAnswerSchema,
]);
export type CallResult = z.infer<typeof callResultSchema>;

/** What every door implements; the host itself too. Rejects with HoloscopeError only. */
export interface HoloscopeApi {
  call<M extends MethodName>(method: M, params: MethodParams<M>): Promise<MethodResult<M>>;
  /** Returns the function that ends the subscription. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
}

/** What the renderer uses: the API, and what differs between the doors. */
export interface HoloscopeClient extends HoloscopeApi {
  readonly door: "desktop" | "browser";
  /** Stores a dropped, pasted or chosen file; on the desktop by its path where it has one. */
  addFile(file: Blob, name?: string): Promise<z.output<typeof imageRefSchema>>;
  /** Address of the stored image, usable as `src` of an <img>. */
  imageUrl(id: string): string;
}

/** The object that app/preload.ts exposes on `window` under this name: the shell's half of the desktop door. */
export const bridgeKey = "holoscopeBridge";
export interface HoloscopeBridge {
  call(method: string, params: unknown): Promise<CallResult>;
  subscribe(event: string, listener: (payload: unknown) => void): () => void;
  /** The path of a dropped or chosen file; empty for a file that has none (pasted). */
  pathForFile(file: File): string;
}
