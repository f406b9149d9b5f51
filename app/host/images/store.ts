import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { group } from "d3-array";
import { z } from "zod";
import {
  defined,
  HoloscopeError,
  type ImageRef,
  type ImageScale,
  imageIdSchema,
  imageLimits,
  imageRefSchema,
  type Probe,
  probeSchema,
} from "../../contract/index.ts";
import { formatBytes } from "../../presentation/numbers.ts";
import { type AtomicWriter, writeFileAtomic } from "../disk/atomic.ts";
import { listFolder } from "../disk/list-folder.ts";
import { storageError, systemCode } from "../disk/storage-error.ts";
import { eachOf } from "../serial.ts";
import { guessScale } from "./guess-scale.ts";

interface ImageStoreConfig {
  readonly dataFolder: string;
  /** Folder of the bundled sample screenshots. */
  readonly samplesFolder: string;
  /** Lets the engine check and measure a stored file; rejects with IMAGE_* errors. */
  readonly probe: (imagePath: string) => Promise<Probe>;
  /** Lets the engine draw a stored file upright, as it is detected, as PNG; rejects with IMAGE_* errors. */
  readonly upright: (imagePath: string) => Promise<Uint8Array>;
  /** A value of `process.platform`, for guessing scales. */
  readonly platform: string;
  readonly writeFile?: AtomicWriter;
}

/** An image as it is stored: what the window is told, and what only the host needs. Earlier versions noted no more. */
const storedImageSchema = imageRefSchema.extend({
  ...probeSchema.pick({ turned: true, density: true }).partial().shape,
  /** Who has it only for as long as a request is answered, each by a name of its own; see `lend`. */
  lent: z.array(z.string().max(64)).max(1000).optional(),
});
type StoredImage = z.infer<typeof storedImageSchema>;

/** The files of an image as they lie on disk. */
export interface KeptImage {
  readonly id: string;
  readonly bytes: number;
  /** When it was last opened, in ms since 1970. */
  readonly usedAtMs: number;
  /**
   * "broken" are remains that nothing can show; "lent" images are there for a request, or were when its process died;
   * "unknown" has a description that this version cannot read.
   */
  readonly state: "whole" | "lent" | "broken" | "unknown";
  /** A sample that comes with the application; it is stored again whenever the samples are asked for. */
  readonly sample: boolean;
  /** In use by this process, or a sample. */
  readonly held: boolean;
}

/** The bytes of an image as it is shown, and their media type. */
export interface DisplayFile {
  readonly path: string;
  readonly type: string;
}

/**
 * Images by the SHA-256 of their bytes: images/<id> holds the bytes, images/<id>.json the image's description, and
 * images/<id>.upright a PNG of an image whose stored pixels lie turned (EXIF orientation): browsers do not turn every
 * format, and what is shown must lie under the boxes as it was detected.
 */
export class ImageStore {
  readonly #config: ImageStoreConfig;
  readonly #folder: string;
  readonly #write: AtomicWriter;
  /** Images being added, so that the same bytes added twice at once are stored and probed once. */
  readonly #adding = new Map<string, Promise<ImageRef>>();
  /** Upright copies being drawn, by image. */
  readonly #turning = new Map<string, Promise<void>>();
  /** How many detections and requests of this process need each image. */
  readonly #holds = new Map<string, number>();
  /** Images being removed, until whose end the same bytes are not added again. */
  readonly #removing = new Map<string, Promise<unknown>>();
  /** What this store is called in the descriptions of images that are lent to it. */
  readonly #borrower = randomUUID();
  #sampleIds: Promise<ReadonlySet<string>> | undefined;
  /** When the bytes of the images that were found intact were last written, in ms. */
  readonly #intact = new Map<string, number>();

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
    const id = sha256Of(bytes);
    const letGo = this.hold(id);
    try {
      await this.#addOnce(id, { bytes, name, lent: false });
      // The same bytes may have been added for a request only.
      return await this.#keepLent(id);
    } finally {
      letGo();
    }
  }

  /**
   * As `add`, for a request that wants nothing kept: the image is removed again with the last of its `giveBack`s, unless
   * it was or is stored otherwise. What a process that died has left is removed by `storage.tidy`.
   */
  async lend(
    bytes: Uint8Array,
    name?: string,
  ): Promise<{ readonly image: ImageRef; readonly giveBack: () => Promise<void> }> {
    checkSize(bytes.byteLength, name);
    const id = sha256Of(bytes);
    const letGo = this.hold(id);
    const giveBack = async (): Promise<void> => {
      letGo();
      await this.#removeLent(id);
    };
    try {
      return { image: await this.#addOnce(id, { bytes, name, lent: true }), giveBack };
    } catch (error) {
      letGo();
      throw error;
    }
  }

  /** Says that an image is needed until the returned function is called once: tidying leaves it alone. */
  hold(id: string): () => void {
    const change = (by: number): void => {
      const count = (this.#holds.get(id) ?? 0) + by;
      if (count > 0) this.#holds.set(id, count);
      else this.#holds.delete(id);
    };
    change(1);
    return () => change(-1);
  }

  /** Every image on disk, with what is left of broken ones. Throws STORAGE_FAILED. */
  async kept(): Promise<KeptImage[]> {
    const names = await listFolder(this.#folder);
    const ids = new Set(
      names.map((name) => name.slice(0, idLength)).filter((id) => imageIdSchema.safeParse(id).success),
    );
    this.#sampleIds ??= this.#hashSamples();
    const samples = await this.#sampleIds;
    const kept: KeptImage[] = [];
    await eachOf([...ids], readers, async (id) => {
      const files = await this.#statsOf(id);
      kept.push({
        id,
        bytes: files.reduce((sum, file) => sum + (file?.size ?? 0), 0),
        usedAtMs: lastWritten(files),
        state: await this.#stateOf(id, files),
        sample: samples.has(id),
        held: this.#holds.has(id) || samples.has(id),
      });
    });
    return kept;
  }

  /**
   * Removes images and everything whose name begins with theirs for good: bytes, upright copies, remains of crashes. Goes
   * on where one cannot be removed. The answer names those of which nothing is left, and the first problem.
   * @param unusedSince ms since 1970; images that are in use by this process, or were opened since, stay
   */
  async delete(
    ids: readonly string[],
    unusedSince?: number,
  ): Promise<{ readonly gone: readonly string[]; readonly problem?: unknown }> {
    const names = group(await listFolder(this.#folder), (name) => name.slice(0, idLength));
    const isUnused = async (id: string): Promise<boolean> =>
      unusedSince === undefined || (!this.#holds.has(id) && lastWritten(await this.#statsOf(id)) < unusedSince);
    const gone: string[] = [];
    let problem: unknown;
    await eachOf(ids, readers, async (id) => {
      const files = [...this.#filesOf(id), ...(names.get(id) ?? []).map((name) => path.join(this.#folder, name))];
      try {
        if (await this.#remove(id, files, () => isUnused(id))) gone.push(id);
      } catch (error) {
        problem ??= error;
      }
    });
    return { gone, problem };
  }

  /** Whether some detection or request of this process needs the image. */
  isHeld(id: string): boolean {
    return this.#holds.has(id);
  }

  /** Stores the image that lies at a path of the user's disk. Also throws BAD_REQUEST, FILE_MISSING, IMAGE_UNREADABLE. */
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

  /** Throws IMAGE_NOT_FOUND, also for a text that is not an image id. */
  async get(id: string): Promise<ImageRef> {
    return imageRefSchema.parse(await this.#stored(id));
  }

  async has(id: string): Promise<boolean> {
    return (await this.#read(id)) !== undefined;
  }

  /** Where the stored bytes of an image lie. Throws IMAGE_NOT_FOUND, and IMAGE_UNREADABLE if they are damaged. */
  async file(id: string): Promise<{ readonly path: string; readonly ref: ImageRef }> {
    const ref = await this.get(id);
    return { path: await this.#intactPath(ref.id), ref };
  }

  /**
   * The one answer to which bytes show an image: the stored ones or, where they lie turned, an upright copy that is made
   * when it is first asked for. Throws IMAGE_NOT_FOUND, IMAGE_UNREADABLE, DISK_FULL, STORAGE_FAILED, ENGINE_CRASHED.
   */
  async displayFile(id: string): Promise<DisplayFile> {
    const stored = await this.#stored(id);
    const { turned = (await this.#probedAgain(stored)).turned, format } = stored;
    if (!turned) return { path: await this.#intactPath(id), type: `image/${format}` };
    const turning = this.#turning.get(id) ?? this.#turn(id).finally(() => this.#turning.delete(id));
    this.#turning.set(id, turning);
    await turning;
    return { path: this.#uprightPath(id), type: "image/png" };
  }

  /** An image as a run noted it, with the scale that it has now, if it is still stored: a scale is corrected afterwards. */
  async withPresentScale(noted: ImageRef): Promise<ImageRef> {
    const stored = await this.#read(noted.id);
    if (stored === undefined) return noted;
    const { scale: _before, ...image } = noted;
    return { ...image, ...defined({ scale: stored.scale }) };
  }

  /** Sets an image's scale; null guesses it again. Throws IMAGE_NOT_FOUND, DISK_FULL, STORAGE_FAILED. */
  async setScale(id: string, value: number | null): Promise<ImageRef> {
    const stored = await this.#stored(id);
    // An image of an earlier version has no density noted.
    const clues = value === null && stored.turned === undefined ? await this.#probedAgain(stored) : stored;
    return this.#describe(withScale(clues, value === null ? this.#guess(clues) : { value, from: "user" }));
  }

  /** The bundled sample screenshots; stored at the first call. */
  async samples(): Promise<ImageRef[]> {
    const refs: ImageRef[] = [];
    for (const file of await this.#sampleFiles()) refs.push(await this.addPath(file));
    return refs;
  }

  async #addOnce(
    id: string,
    given: { readonly bytes: Uint8Array; readonly name: string | undefined; readonly lent: boolean },
  ): Promise<ImageRef> {
    while (this.#removing.has(id)) await this.#removing.get(id);
    const before = this.#adding.get(id);
    if (before !== undefined) return before;
    const adding = this.#store(id, given).finally(() => this.#adding.delete(id));
    this.#adding.set(id, adding);
    return adding;
  }

  async #keepLent(id: string): Promise<ImageRef> {
    const { lent, ...image } = await this.#stored(id);
    return lent ? this.#describe(image) : imageRefSchema.parse(image);
  }

  /** Another process may have the image for a request of its own. */
  async #removeLent(id: string): Promise<void> {
    await this.#remove(id, this.#filesOf(id), async () => {
      if (this.#holds.has(id)) return false;
      const image = await this.#read(id);
      if (image?.lent === undefined) return false;
      const others = image.lent.filter((borrower) => borrower !== this.#borrower);
      if (others.length > 0) await this.#describe({ ...image, lent: others });
      return others.length === 0;
    });
  }

  /** Removes an image unless it is wanted after all, once nobody is adding or turning it. False if it stays. */
  #remove(id: string, files: readonly string[], isUnwanted: () => Promise<boolean>): Promise<boolean> {
    const before = this.#removing.get(id);
    const removing = (async () => {
      await before?.catch(() => {});
      await this.#adding.get(id)?.catch(() => {});
      await this.#turning.get(id)?.catch(() => {});
      if (!(await isUnwanted())) return false;
      this.#intact.delete(id);
      try {
        for (const file of files) await rm(file, { force: true });
      } catch (error) {
        throw storageError(error, "delete the image");
      }
      return true;
    })();
    const ended = removing
      .catch(() => {})
      .then(() => {
        if (this.#removing.get(id) === ended) this.#removing.delete(id);
      });
    this.#removing.set(id, ended);
    return removing;
  }

  async #hashSamples(): Promise<ReadonlySet<string>> {
    const files = (await this.#sampleFiles()).map((file) =>
      readFile(file).then(
        (bytes) => [sha256Of(bytes)],
        () => [],
      ),
    );
    return new Set((await Promise.all(files)).flat());
  }

  /** Of the files of `#filesOf`, in its order; undefined for those that are not there. */
  #statsOf(id: string): Promise<FileStats> {
    return Promise.all(this.#filesOf(id).map((file) => stat(file).catch(() => undefined)));
  }

  async #stateOf(id: string, files: FileStats): Promise<KeptImage["state"]> {
    const [description, , bytes] = files;
    if (description === undefined || bytes === undefined) return "broken";
    const image = await this.#readDescription(id);
    if (image === undefined) return "unknown";
    if (image.bytes !== bytes.size) return "broken";
    return image.lent === undefined ? "whole" : "lent";
  }

  async #sampleFiles(): Promise<string[]> {
    const { samplesFolder } = this.#config;
    const names = await readdir(samplesFolder).catch(() => []);
    return names
      .filter((entry) => entry.endsWith(".png"))
      .sort()
      .map((name) => path.join(samplesFolder, name));
  }

  /** The description first: without it the rest counts as remains. */
  #filesOf(id: string): string[] {
    return [this.#refPath(id), this.#uprightPath(id), this.#bytesPath(id)];
  }

  #bytesPath(id: string): string {
    return path.join(this.#folder, id);
  }

  #refPath(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  #uprightPath(id: string): string {
    return path.join(this.#folder, `${id}.upright`);
  }

  async #store(
    id: string,
    { bytes, name, lent }: { readonly bytes: Uint8Array; readonly name: string | undefined; readonly lent: boolean },
  ): Promise<ImageRef> {
    const known = await this.#read(id);
    if (known !== undefined && (await this.#isIntact(id))) {
      const now = new Date();
      // Records when it was last opened, for `kept`.
      await utimes(this.#refPath(id), now, now).catch(() => {});
      if (!lent) return this.#renamed(known, name);
      const isNew = known.lent !== undefined && !known.lent.includes(this.#borrower);
      return isNew
        ? this.#describe({ ...known, lent: [...(known.lent ?? []), this.#borrower] })
        : imageRefSchema.parse(known);
    }
    const file = this.#bytesPath(id);
    await this.#write(file, bytes, "the image");
    try {
      const probe = await this.#config.probe(file);
      const image: StoredImage = {
        id,
        ...defined({ name, lent: lent ? [this.#borrower] : undefined }),
        ...probe,
        bytes: bytes.byteLength,
      };
      const before = (await this.#readDescription(id))?.scale;
      return await this.#describe(withScale(image, before?.from === "user" ? before : this.#guess(image)));
    } catch (error) {
      await rm(file, { force: true }).catch(() => {});
      throw error;
    }
  }

  /**
   * An image that is added again under another name gets that name: it is the one the user will look for. It may tell
   * another scale, unless the user has set one.
   */
  async #renamed(known: StoredImage, name: string | undefined): Promise<ImageRef> {
    if (name === undefined || name === known.name) return imageRefSchema.parse(known);
    const image: StoredImage = { ...known, name };
    return this.#describe(known.scale?.from === "user" ? image : withScale(image, this.#guess(image)));
  }

  #guess(image: StoredImage): ImageScale {
    return guessScale(image, this.#config.platform);
  }

  /** Throws IMAGE_NOT_FOUND if the image was removed meanwhile: then nothing of it is left behind. */
  async #describe(image: StoredImage): Promise<ImageRef> {
    await this.#write(this.#refPath(image.id), JSON.stringify(image), "the image");
    await this.#dropIfRemoved(image.id, this.#refPath(image.id));
    return imageRefSchema.parse(image);
  }

  async #dropIfRemoved(id: string, file: string): Promise<void> {
    if ((await stat(this.#bytesPath(id)).catch(() => undefined)) !== undefined) return;
    await rm(file, { force: true }).catch(() => {});
    throw notFound();
  }

  /** With what an earlier version did not note. */
  async #probedAgain(image: StoredImage): Promise<StoredImage & Probe> {
    const probed = { ...image, ...(await this.#config.probe(this.#bytesPath(image.id))) };
    await this.#describe(probed);
    return probed;
  }

  async #turn(id: string): Promise<void> {
    const file = this.#uprightPath(id);
    if ((await stat(file).catch(() => undefined))?.isFile() === true) return;
    await this.#write(file, await this.#config.upright(this.#bytesPath(id)), "the image");
    await this.#dropIfRemoved(id, file);
  }

  async #stored(id: string): Promise<StoredImage> {
    const image = imageIdSchema.safeParse(id).success ? await this.#read(id) : undefined;
    if (image === undefined) throw notFound();
    return image;
  }

  /** Throws IMAGE_UNREADABLE if the stored bytes are damaged. */
  async #intactPath(id: string): Promise<string> {
    if (await this.#isIntact(id)) return this.#bytesPath(id);
    throw new HoloscopeError(
      "IMAGE_UNREADABLE",
      "The stored copy of this image is damaged: its SHA-256 is another.",
      "Open the image file again; that replaces the copy.",
    );
  }

  /** Whether the stored bytes have the hash that names them. Hashed again only after the file was touched. */
  async #isIntact(id: string): Promise<boolean> {
    try {
      const { mtimeMs } = await stat(this.#bytesPath(id));
      if (this.#intact.get(id) === mtimeMs) return true;
      if (sha256Of(await readFile(this.#bytesPath(id))) !== id) return false;
      this.#intact.set(id, mtimeMs);
      return true;
    } catch {
      return false;
    }
  }

  /** undefined unless both the description and all bytes are there. */
  async #read(id: string): Promise<StoredImage | undefined> {
    const [image, bytes] = await Promise.all([
      this.#readDescription(id),
      stat(this.#bytesPath(id)).catch(() => undefined),
    ]);
    return bytes?.size === image?.bytes ? image : undefined;
  }

  async #readDescription(id: string): Promise<StoredImage | undefined> {
    try {
      const image = storedImageSchema.parse(JSON.parse(await readFile(this.#refPath(id), "utf8")));
      return image.id === id ? image : undefined;
    } catch {
      return undefined;
    }
  }
}

type FileStats = readonly ({ readonly size: number; readonly mtimeMs: number } | undefined)[];

/** ms since 1970; 0 if nothing is there. */
const lastWritten = (files: FileStats): number => Math.max(0, ...files.map((file) => file?.mtimeMs ?? 0));

/** Images looked at at once. */
const readers = 16;
/** Of an id: file names begin with it. */
const idLength = 64;

const notFound = (): HoloscopeError =>
  new HoloscopeError(
    "IMAGE_NOT_FOUND",
    "This image is not stored on this computer.",
    "Open the image file here, or export the run together with its image.",
  );

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A scale that is only assumed is not noted, so that a later version may guess better. */
function withScale({ scale: _before, ...image }: StoredImage, scale: ImageScale): StoredImage {
  return scale.from === "assumed" ? image : { ...image, scale };
}

function checkSize(bytes: number, name: string | undefined): void {
  const what = name === undefined ? "The image" : `"${name}"`;
  if (bytes === 0) {
    throw new HoloscopeError("IMAGE_EMPTY", `${what} is empty (0 bytes).`, "Save the screenshot again and retry.");
  }
  if (bytes > imageLimits.maxBytes) {
    throw new HoloscopeError(
      "IMAGE_TOO_LARGE",
      `${what} has ${formatBytes(bytes)}; the limit is ${formatBytes(imageLimits.maxBytes)}.`,
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
  // Node's code for a NUL character.
  if (code === "ENAMETOOLONG" || code === "ERR_INVALID_ARG_VALUE") {
    return new HoloscopeError(
      "BAD_REQUEST",
      "No file can have this path: a name in it is too long, or it has a NUL character.",
      "Give the path of an image file, not its bytes.",
    );
  }
  if (code === "EACCES" || code === "EPERM") {
    return new HoloscopeError("IMAGE_UNREADABLE", `"${name}" may not be read.`, "Check the file's permissions.");
  }
  return storageError(error, "read the image");
}
