import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Probe } from "../contract/engine.ts";
import { HoloscopeError } from "../contract/errors.ts";
import { type ImageRef, imageIdSchema, imageLimits, imageRefSchema } from "../contract/image.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic-file.ts";
import { storageError, systemCode } from "./storage-error.ts";

export interface ImageStoreConfig {
  readonly dataFolder: string;
  /** Folder of the bundled sample screenshots. */
  readonly samplesFolder: string;
  /** Has the engine check and measure a stored file; rejects with the IMAGE_* errors. */
  readonly probe: (imagePath: string) => Promise<Probe>;
  readonly writeFile?: AtomicWriter;
}

const mebibyte = 1024 * 1024;

/** Images by the SHA-256 of their bytes: images/<id> holds the bytes, images/<id>.json what is known of them. */
export class ImageStore {
  readonly #config: ImageStoreConfig;
  readonly #folder: string;
  readonly #write: AtomicWriter;
  /** Additions under way, so that the same bytes given twice at once are stored and probed once. */
  readonly #adding = new Map<string, Promise<ImageRef>>();

  constructor(config: ImageStoreConfig) {
    this.#config = config;
    this.#folder = path.join(config.dataFolder, "images");
    this.#write = config.writeFile ?? writeFileAtomic;
  }

  /**
   * Stores an image file's bytes and answers with its id. An image that the engine refuses is not kept.
   * Throws IMAGE_EMPTY, IMAGE_TOO_LARGE, IMAGE_FORMAT, IMAGE_UNREADABLE, DISK_FULL, STORAGE_FAILED, ENGINE_CRASHED.
   */
  async add(bytes: Uint8Array, name?: string): Promise<ImageRef> {
    checkSize(bytes.byteLength, name);
    const id = createHash("sha256").update(bytes).digest("hex");
    const before = this.#adding.get(id);
    if (before !== undefined) return before;
    const adding = this.#store(id, bytes, name).finally(() => this.#adding.delete(id));
    this.#adding.set(id, adding);
    return adding;
  }

  /** Stores the image that lies at a path of the user's disk. Also throws FILE_MISSING, IMAGE_UNREADABLE. */
  async addPath(file: string): Promise<ImageRef> {
    const name = path.basename(file);
    try {
      const found = await stat(file);
      if (found.isDirectory()) {
        throw new HoloscopeError("IMAGE_UNREADABLE", `"${name}" is a folder.`, "Choose an image file inside it.");
      }
      if (!found.isFile()) throw new HoloscopeError("IMAGE_UNREADABLE", `"${name}" is not a regular file.`);
      checkSize(found.size, name);
      return await this.add(await readFile(file), name);
    } catch (error) {
      throw readError(error, name);
    }
  }

  /** Throws IMAGE_NOT_FOUND, also for what is no image id at all. */
  async get(id: string): Promise<ImageRef> {
    const ref = imageIdSchema.safeParse(id).success ? await this.#read(id) : undefined;
    if (ref === undefined) {
      throw new HoloscopeError(
        "IMAGE_NOT_FOUND",
        "This image is not stored on this computer.",
        "Open the image file here, or export the run together with its image.",
      );
    }
    return ref;
  }

  async has(id: string): Promise<boolean> {
    return (await this.#read(id)) !== undefined;
  }

  /** Where the stored bytes of an image lie. Throws IMAGE_NOT_FOUND. */
  async file(id: string): Promise<{ readonly path: string; readonly ref: ImageRef }> {
    const ref = await this.get(id);
    return { path: this.#bytesPath(ref.id), ref };
  }

  /** The bundled sample screenshots, stored when first asked for. */
  async samples(): Promise<ImageRef[]> {
    const names = await readdir(this.#config.samplesFolder).catch(() => []);
    const refs: ImageRef[] = [];
    for (const name of names.filter((entry) => entry.endsWith(".png")).sort()) {
      refs.push(await this.addPath(path.join(this.#config.samplesFolder, name)));
    }
    return refs;
  }

  #bytesPath(id: string): string {
    return path.join(this.#folder, id);
  }

  #refPath(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  async #store(id: string, bytes: Uint8Array, name: string | undefined): Promise<ImageRef> {
    const known = await this.#read(id);
    if (known !== undefined) return this.#renamed(known, name);
    const file = this.#bytesPath(id);
    await this.#write(file, bytes, "the image");
    try {
      const probe = await this.#config.probe(file);
      const ref: ImageRef = { id, ...(name === undefined ? {} : { name }), ...probe, bytes: bytes.byteLength };
      await this.#write(this.#refPath(id), JSON.stringify(ref), "the image");
      return ref;
    } catch (error) {
      await rm(file, { force: true }).catch(() => {});
      throw error;
    }
  }

  /** The same bytes under another name: the name given last is the one the user looks for. */
  async #renamed(known: ImageRef, name: string | undefined): Promise<ImageRef> {
    if (name === undefined || name === known.name) return known;
    const ref: ImageRef = { ...known, name };
    await this.#write(this.#refPath(known.id), JSON.stringify(ref), "the image");
    return ref;
  }

  /** undefined unless both the description and the whole bytes are there. */
  async #read(id: string): Promise<ImageRef | undefined> {
    try {
      const ref = imageRefSchema.parse(JSON.parse(await readFile(this.#refPath(id), "utf8")));
      const { size } = await stat(this.#bytesPath(id));
      return ref.id === id && size === ref.bytes ? ref : undefined;
    } catch {
      return undefined;
    }
  }
}

function checkSize(bytes: number, name: string | undefined): void {
  const what = name === undefined ? "The image" : `"${name}"`;
  if (bytes === 0) {
    throw new HoloscopeError("IMAGE_EMPTY", `${what} is empty (0 bytes).`, "Save the screenshot again and retry.");
  }
  if (bytes > imageLimits.maxBytes) {
    throw new HoloscopeError(
      "IMAGE_TOO_LARGE",
      `${what} has ${(bytes / mebibyte).toFixed(1)} MiB; the limit is ${imageLimits.maxBytes / mebibyte} MiB.`,
      "Save it as PNG or JPEG at its normal screen size.",
    );
  }
}

function readError(error: unknown, name: string): HoloscopeError {
  if (error instanceof HoloscopeError) return error;
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new HoloscopeError("FILE_MISSING", `There is no file "${name}".`, "Check the path.");
  }
  if (code === "EACCES" || code === "EPERM") {
    return new HoloscopeError("IMAGE_UNREADABLE", `"${name}" may not be read.`, "Check the file's permissions.");
  }
  return storageError(error, "read the image");
}
