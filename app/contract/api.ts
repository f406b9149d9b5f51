import { z } from "zod";
import { annotationPatchSchema, runAnnotationsSchema } from "./annotations.ts";
import { detectionSchema, stageSchema } from "./detection.ts";
import { doctorMethods } from "./doctor-methods.ts";
import { doctorProgressSchema } from "./doctor-try.ts";
import { phaseSchema } from "./engine.ts";
import { errorInfoSchema } from "./errors.ts";
import { bytesSchema, imageIdSchema, imageRefSchema } from "./image.ts";
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
import { settingsPatchSchema, settingsSchema } from "./settings.ts";
import { truthSchema } from "./truth.ts";

/**
 * The one table from which the preload bridge, the IPC gate, the HTTP routes and the renderer's client are made.
 * `door: "desktop"` marks methods that take a path of the user's disk: the browser door refuses them.
 */
const nothing = z.object({}).strict();
const someRunIds = z.array(runIdSchema).min(1).max(maxListedRuns);

export const appInfoSchema = z.object({
  version: z.string(),
  platform: z.string(),
  door: z.enum(["desktop", "browser"]),
  llamaCppRelease: z.string(),
  /** Shown in "about" and diagnostics on the user's own machine only. */
  dataFolder: z.string(),
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

export const methods = {
  "app.info": { params: nothing, result: appInfoSchema, door: "any" },
  "app.diagnostics": { params: nothing, result: z.object({ text: z.string() }), door: "any" },
  /** Stores an image and answers with its id. Over HTTP the bytes are the request's body. */
  "images.add": {
    params: z.object({ bytes: bytesSchema, name: z.string().max(255).optional() }),
    result: imageRefSchema,
    door: "any",
  },
  "images.addPath": { params: z.object({ path: z.string().min(1) }), result: imageRefSchema, door: "desktop" },
  "images.get": { params: z.object({ id: imageIdSchema }), result: imageRefSchema, door: "any" },
  "images.samples": { params: nothing, result: z.array(imageRefSchema), door: "any" },
  /** Queues a detection; its events carry the run id. With `cached` it is that stored run, and there are no events. */
  "runs.start": {
    params: detectRequestSchema,
    result: z.object({ runId: runIdSchema, cached: cachedFromSchema.optional() }),
    door: "any",
  },
  "runs.cancel": {
    params: z.object({ runId: runIdSchema }),
    result: z.object({ cancelled: z.boolean() }),
    door: "any",
  },
  "runs.list": {
    params: z.object({ imageId: imageIdSchema.optional(), limit: z.int().min(1).max(maxListedRuns).default(200) }),
    result: z.array(runSummarySchema),
    door: "any",
  },
  "runs.get": { params: z.object({ runId: runIdSchema }), result: runRecordSchema, door: "any" },
  /** Moves a run to the trash, from where `runs.restore` brings it back for a while. */
  "runs.delete": { params: z.object({ runId: runIdSchema }), result: z.object({ deleted: z.boolean() }), door: "any" },
  /** As `runs.delete`; answers with the ids that were there. */
  "runs.deleteMany": {
    params: z.object({ runIds: someRunIds }),
    result: z.object({ deleted: z.array(runIdSchema) }),
    door: "any",
  },
  /** Undoes a deletion; answers with the runs that came back. */
  "runs.restore": { params: z.object({ runIds: someRunIds }), result: z.array(runSummarySchema), door: "any" },
  /** Name, tags and note beside a run; fields left out stay as they are. */
  "runs.annotate": {
    params: annotationPatchSchema.extend({ runId: runIdSchema }),
    result: runSummarySchema,
    door: "any",
  },
  "runs.annotations": { params: z.object({ runId: runIdSchema }), result: runAnnotationsSchema, door: "any" },
  /** The text of a run file: the record, the annotations and, if asked for and stored here, the image. */
  "runs.export": {
    params: z.object({ runId: runIdSchema, withImage: z.boolean().default(true) }),
    result: z.object({ json: z.string() }),
    door: "any",
  },
  /** Takes in the text of a run file or of a plain record, with or without its image. */
  "runs.import": {
    params: z.object({ json: z.string().max(runFileLimits.characters, "the run file is too large") }),
    result: runSummarySchema,
    door: "any",
  },
  /** Ground truth beside an image, which need not be stored here; replaces what there was. */
  "truth.set": { params: z.object({ imageId: imageIdSchema, truth: truthSchema }), result: truthSchema, door: "any" },
  "truth.get": {
    params: z.object({ imageId: imageIdSchema }),
    result: z.object({ truth: truthSchema.nullable() }),
    door: "any",
  },
  "truth.clear": {
    params: z.object({ imageId: imageIdSchema }),
    result: z.object({ cleared: z.boolean() }),
    door: "any",
  },
  "models.list": { params: nothing, result: z.array(modelEntrySchema), door: "any" },
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
    door: "any",
  },
  /** Undoes a removal by this host. */
  "models.restore": { params: z.object({ id: z.string() }), result: modelEntrySchema, door: "any" },
  "models.info": { params: z.object({ id: z.string() }), result: modelFileInfoSchema, door: "any" },
  /** Loads (or loads again) a model now instead of at the next detection. */
  "models.load": {
    params: z.object({ id: z.string().optional(), backend: backendChoiceSchema.optional() }),
    result: loadedModelSchema,
    door: "any",
  },
  ...modelFileMethods,
  ...doctorMethods,
  "models.unload": { params: nothing, result: z.object({ unloaded: z.boolean() }), door: "any" },
  "backends.list": { params: nothing, result: z.array(backendStatusSchema), door: "any" },
  "engine.state": { params: nothing, result: engineStateSchema, door: "any" },
  "settings.get": { params: nothing, result: settingsSchema, door: "any" },
  "settings.update": { params: settingsPatchSchema, result: settingsSchema, door: "any" },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType; door: "any" | "desktop" }>;

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
  /** Runs that came into the library, changed in it (annotations) or left it. */
  "runs.changed": z.object({
    added: z.array(runSummarySchema),
    changed: z.array(runSummarySchema),
    removed: z.array(runIdSchema),
  }),
  /** null when the truth was cleared. */
  "truth.changed": z.object({ imageId: imageIdSchema, truth: truthSchema.nullable() }),
  "settings.changed": settingsSchema,
  "models.changed": z.array(modelEntrySchema),
  /** A job on model files began, went on or ended; at most a few a second for each job. */
  "models.job": modelJobSchema,
  /** A `doctor.run` or `doctor.try` goes on. */
  "doctor.progress": doctorProgressSchema,
  /** Images opened from outside the page: menu, file association, command line. */
  "images.opened": z.array(imageRefSchema),
  /** A command chosen in the native menu. */
  "menu.command": z.object({
    command: z.enum(["open", "detect", "cancel", "copy-diagnostics", "toggle-boxes", "palette", "shortcuts"]),
  }),
} as const satisfies Record<string, z.ZodType>;

export type EventName = keyof typeof events;
export const eventNames = Object.keys(events) as EventName[];
export type EventPayload<E extends EventName> = z.output<(typeof events)[E]>;

/** How a failed call crosses IPC and HTTP. */
export const callResultSchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorInfoSchema }),
]);
export type CallResult = z.infer<typeof callResultSchema>;

/** What every door implements; the host itself too. Rejects with HoloscopeError only. */
export interface HoloscopeApi {
  call<M extends MethodName>(method: M, params: MethodParams<M>): Promise<MethodResult<M>>;
  /** Returns the function that ends the subscription. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
}

/** What the renderer is given: the API and the two things that differ between the doors. */
export interface HoloscopeClient extends HoloscopeApi {
  readonly door: "desktop" | "browser";
  /** Stores a dropped, pasted or chosen file; on the desktop by its path where it has one. */
  addFile(file: Blob, name?: string): Promise<z.output<typeof imageRefSchema>>;
  /** Address of the stored image, usable as `src` of an <img>. */
  imageUrl(id: string): string;
}

/** The object that app/preload.ts puts on `window` under this name; the shell's half of the desktop door. */
export const bridgeKey = "holoscopeBridge";
export interface HoloscopeBridge {
  call(method: string, params: unknown): Promise<CallResult>;
  subscribe(event: string, listener: (payload: unknown) => void): () => void;
  /** The path of a dropped or chosen file; empty for a file that has none (pasted). */
  pathForFile(file: File): string;
}
