import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import {
  type AnsweredRun,
  type DetectRequestInput,
  detectRequestSchema,
  type EventName,
  type EventPayload,
  HoloscopeError,
  type ImageRef,
  type MethodName,
  type ModelEntry,
  methods,
  parseOrThrow,
  type RunRecord,
  resolveSettings,
  settingsSchema,
} from "../../app/contract/index.ts";
import { parseCall } from "../../app/host/call.ts";
import type { Host } from "../../app/host/types.ts";
import { type OverlayBox, overlayBoxes } from "../../app/presentation/overlay.ts";
import { sampleRun } from "./sample-run.ts";

export const nanoEntry: ModelEntry = {
  id: "nano",
  name: "Nano",
  bundled: true,
  modelPath: "/models/model.gguf",
  mmprojPath: "/models/mmproj.gguf",
  family: "qwen3vl",
  architecture: "qwen3vl",
  quantisation: "Q8_0",
  bytes: 21_000_000,
  modes: { detect: "trained", locate: "unsupported" },
};

type Handler = (params: Record<string, unknown>) => unknown;

/**
 * A host without engine or folders of its own: images live in a temporary folder, every detection ends as `nextRun`
 * says, and what was asked of it is written down.
 */
export class FakeHost implements Host {
  readonly requests: DetectRequestInput[] = [];
  /** What was said about keeping each of them. */
  readonly kept: (boolean | undefined)[] = [];
  /** Boxes that were to be drawn, one list for each picture. */
  readonly overlays: (readonly OverlayBox[])[] = [];
  readonly cancelled: string[] = [];
  readonly calls: { readonly method: string; readonly params: unknown }[] = [];
  /** Lines that a door wrote into the log. */
  readonly logged: string[] = [];
  closed = false;
  /** What the next detection answers; "hang" waits until it is cancelled. */
  nextRun: ((request: DetectRequestInput) => AnsweredRun) | "hang" = () => sampleRun();
  readonly overrides = new Map<MethodName, Handler>();

  #folder: string | undefined;
  readonly #images = new Map<string, ImageRef>();
  readonly #listeners = new Map<string, Set<(payload: never) => void>>();
  readonly #hanging = new Map<string, (run: RunRecord) => void>();

  /** The folder that a test removes afterwards. */
  get folder(): string {
    this.#folder ??= mkdtempSync(path.join(os.tmpdir(), "holoscope-fake-"));
    return this.#folder;
  }

  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  emit<E extends EventName>(event: E, payload: EventPayload<E>): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(payload as never);
  }

  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set);
    set.add(listener);
    return () => void set.delete(listener);
  }

  /** Untyped inside: the table of methods decides what each may take and give, and the callers' types come from it. */
  readonly call: Host["call"] = async (method, params) => {
    this.calls.push({ method, params });
    const handler = this.overrides.get(method) ?? this.#handlers[method];
    if (!handler) throw new HoloscopeError("INTERNAL", `The fake host does not know ${method}`);
    return (await handler(params as Record<string, unknown>)) as never;
  };

  readonly dispatch: Host["dispatch"] = async (name, given) => {
    const { method, params } = parseCall(name, given);
    return this.call(method, params as never);
  };

  readonly #handlers: Partial<Record<MethodName, Handler>> = {
    "app.info": () => ({
      version: "0.0.0",
      platform: "linux",
      door: "browser",
      llamaCppRelease: "v0.4.0",
      dataFolder: this.folder,
      problems: [],
    }),
    "engine.state": () => ({ state: "idle", backend: "cpu", queued: 0, restarts: 0 }),
    "settings.get": () => settingsSchema.parse({}),
    "models.list": () => [nanoEntry],
    "models.storage": () => ({
      folder: "/models",
      usedBytes: 0,
      freeBytes: 1e12,
      models: [{ id: "nano", bytes: nanoEntry.bytes, managed: false, missing: false }],
      unfinished: [],
      unused: [],
    }),
    "models.add": () => ({ ...nanoEntry, id: "added", name: "Added", bundled: false }),
    "backends.list": () => [
      { backend: "cuda", available: false, reason: "No CUDA device was found" },
      { backend: "cpu", available: true, reason: "Always there" },
    ],
    "images.add": ({ bytes, name }) => this.#store(bytes as Uint8Array, name as string | undefined),
    "images.addPath": async ({ path: file }) => {
      const bytes = await readFile(String(file)).catch(() => {
        throw new HoloscopeError("FILE_MISSING", `There is no file ${String(file)}.`, "Check the path.");
      });
      return this.#store(bytes, path.basename(String(file)));
    },
    "images.get": ({ id }) => this.#image(String(id)),
    "images.setScale": (params) => {
      const { id, scale } = methods["images.setScale"].params.parse(params);
      const { scale: _before, ...image } = this.#image(id);
      const changed: ImageRef = scale === null ? image : { ...image, scale: { value: scale, from: "user" } };
      this.#images.set(id, changed);
      return changed;
    },
    "images.overlay": (params) => {
      this.overlays.push(overlayBoxes(methods["images.overlay"].params.parse(params).elements));
      return { png: Buffer.from("89504e470d0a1a0a", "hex").toString("base64") };
    },
    "runs.cancel": ({ runId }) => {
      this.cancelled.push(String(runId));
      const end = this.#hanging.get(String(runId));
      end?.(sampleRun({ status: "cancelled", error: { code: "CANCELLED", message: "The run was cancelled." } }));
      return { cancelled: end !== undefined };
    },
  };

  #image(id: string): ImageRef {
    const ref = this.#images.get(id);
    if (!ref) throw new HoloscopeError("IMAGE_NOT_FOUND", "There is no image with this id.");
    return ref;
  }

  #store(bytes: Uint8Array, name?: string): ImageRef {
    if (bytes.byteLength === 0) throw new HoloscopeError("IMAGE_EMPTY", "The image file is empty.");
    const id = createHash("sha256").update(bytes).digest("hex");
    const ref: ImageRef = {
      id,
      width: 1920,
      height: 1080,
      bytes: bytes.byteLength,
      format: "png",
      frames: 1,
      ...(name === undefined ? {} : { name }),
    };
    writeFileSync(path.join(this.folder, id), bytes);
    this.#images.set(id, ref);
    return ref;
  }

  async detect(
    input: DetectRequestInput,
    options: { readonly keep?: boolean } = {},
  ): Promise<{ runId: string; done: Promise<AnsweredRun> }> {
    this.kept.push(options.keep);
    const request = parseOrThrow(detectRequestSchema, input, "BAD_REQUEST", "The request");
    this.requests.push(request);
    const runId = `run-${String(this.requests.length).padStart(8, "0")}`;
    const ending = this.nextRun;
    if (ending === "hang") {
      const done = new Promise<RunRecord>((resolve) => this.#hanging.set(runId, resolve));
      return { runId, done };
    }
    const profile = request.profile ?? "balanced";
    const run = ending(request);
    return {
      runId,
      done: Promise.resolve({
        ...run,
        id: runId,
        profile,
        image: this.#images.get(request.imageId) ?? run.image,
        settings: resolveSettings(profile, request.overrides),
      }),
    };
  }

  /** Images that services gave back, in their order. */
  readonly givenBack: string[] = [];
  readonly takeIn: Host["takeIn"] = async (bytes, name) => {
    const image = await this.call("images.add", { bytes, ...(name === undefined ? {} : { name }) });
    return { image, keep: false, giveBack: async () => void this.givenBack.push(image.id) };
  };

  async displayFile(id: string): Promise<{ path: string; type: string }> {
    return { path: path.join(this.folder, id), type: `image/${this.#image(id).format}` };
  }

  log(level: string, text: string): void {
    this.logged.push(`${level}: ${text}`);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
