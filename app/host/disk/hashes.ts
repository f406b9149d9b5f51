import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Log } from "../log.ts";
import { Serial } from "../serial.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic.ts";
import { sha256OfFile } from "./sha256.ts";

const entrySchema = z.object({ path: z.string(), bytes: z.number(), mtimeMs: z.number(), sha256: z.string() });
const cacheSchema = z.object({ version: z.literal(1), files: z.array(entrySchema) });
type Entry = z.infer<typeof entrySchema>;

/** Files up to this size (in bytes) are hashed while the caller waits: less than half a second. */
const quickBytes = 64 * 1024 * 1024;

interface FileHashesConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
}

/**
 * SHA-256 of model files, computed once for each path, size and modification time, and remembered in
 * model-hashes.json. Large files are read in the background, one at a time.
 */
export class FileHashes {
  readonly #config: FileHashesConfig;
  readonly #file: string;
  readonly #write: AtomicWriter;
  readonly #reading = new Serial();
  readonly #closed = new AbortController();
  readonly #underWay = new Map<string, Promise<string | undefined>>();
  #cache: Promise<Map<string, Entry>> | undefined;

  constructor(config: FileHashesConfig) {
    this.#config = config;
    this.#file = path.join(config.dataFolder, "model-hashes.json");
    this.#write = config.writeFile ?? writeFileAtomic;
  }

  /** The hash if it is known or the file is small; else null. Never throws. */
  async known(file: string): Promise<string | null> {
    try {
      const { size } = await stat(file);
      if (size <= quickBytes) return (await this.compute(file)) ?? null;
      return (await this.#cached(file))?.sha256 ?? null;
    } catch {
      return null;
    }
  }

  /** Computes the hash unless it is known; undefined if the file cannot be read or the host closes. Never throws. */
  async compute(file: string): Promise<string | undefined> {
    const before = this.#underWay.get(file);
    if (before !== undefined) return before;
    const work = this.#compute(file)
      .catch((error: unknown) => {
        if (!this.#closed.signal.aborted)
          this.#config.log.write("warn", "A model file could not be hashed", { error: String(error) });
        return undefined;
      })
      .finally(() => this.#underWay.delete(file));
    this.#underWay.set(file, work);
    return work;
  }

  /** Stops reading. */
  close(): void {
    this.#closed.abort();
  }

  async #compute(file: string): Promise<string> {
    const cached = await this.#cached(file);
    if (cached !== undefined) return cached.sha256;
    const { size, mtimeMs } = await stat(file);
    // Small files need not wait until a large one has been read.
    const sha256 = size <= quickBytes ? await this.#hash(file) : await this.#reading.run(() => this.#hash(file));
    await this.#remember({ path: file, bytes: size, mtimeMs, sha256 });
    return sha256;
  }

  /** Remembers a hash of the present file that was computed elsewhere. */
  async learn(file: string, sha256: string): Promise<void> {
    const { size, mtimeMs } = await stat(file);
    await this.#remember({ path: file, bytes: size, mtimeMs, sha256 });
  }

  async #remember(entry: Entry): Promise<void> {
    const cache = await this.#load();
    cache.set(entry.path, entry);
    const text = JSON.stringify({ version: 1, files: [...cache.values()] } satisfies z.infer<typeof cacheSchema>);
    await this.#write(this.#file, text, "the hashes of model files").catch((error: unknown) =>
      this.#config.log.write("warn", "The hashes of model files could not be saved", { error: String(error) }),
    );
  }

  #hash(file: string): Promise<string> {
    return sha256OfFile(file, this.#closed.signal);
  }

  async #cached(file: string): Promise<Entry | undefined> {
    const entry = (await this.#load()).get(file);
    if (entry === undefined) return undefined;
    const { size, mtimeMs } = await stat(file);
    return entry.bytes === size && entry.mtimeMs === mtimeMs ? entry : undefined;
  }

  #load(): Promise<Map<string, Entry>> {
    this.#cache ??= readFile(this.#file, "utf8")
      .then((text) => cacheSchema.parse(JSON.parse(text)).files)
      // The cache is missing or broken: files are hashed again when needed.
      .catch((): Entry[] => [])
      .then((files) => new Map(files.map((entry) => [entry.path, entry])));
    return this.#cache;
  }
}
