import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import {
  type Backend,
  detectSettingsSchema,
  endedEarly,
  type Initialised,
  type Machine,
  type RunRecord,
  runIdSchema,
  runRecordSchema,
} from "../../contract/index.ts";
import { type AtomicWriter, writeFileAtomic } from "../disk/atomic.ts";
import type { Log } from "../log.ts";
import type { ModelFiles } from "../models/registry.ts";
import { eachOf } from "../serial.ts";
import { type PlannedRun, presetOf } from "./record.ts";
import type { RunStore } from "./store.ts";
import { recordText } from "./text.ts";

interface ResultCacheConfig {
  readonly dataFolder: string;
  readonly runs: Pick<RunStore, "get">;
  readonly appVersion: string;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
}

/** What decides an answer besides the request. */
interface AnsweringParts {
  readonly engine: Initialised & { readonly backend: Backend };
  readonly machine: Machine;
  readonly files: ModelFiles;
}

/** Newest first. `sha256` is that of the record's text, so that no other record of the same id is taken for it. */
const entrySchema = z.object({
  version: z.literal(1),
  runs: z.array(z.object({ id: runIdSchema, sha256: z.string() })),
});
type Noted = z.infer<typeof entrySchema>["runs"];

/** Runs noted for a question: if the newest is deleted, one before it answers. */
const mostNoted = 8;
const ending = ".json";
/** Entries read at once. */
const readers = 16;

/**
 * Series, runs that time operators and runs in focus mode, which depend on the run before, are never answered from the
 * cache.
 */
export function mayBeCached({ request, settings }: PlannedRun): boolean {
  return request.useCache === true && request.repeat === undefined && request.profileOps !== true && !settings.focus;
}

/**
 * Which runs answered which questions, in files cache/<SHA-256 of the question>.json. Only the host writes them, when a
 * run of its own ends: what an imported run says of itself never answers anything.
 */
export class ResultCache {
  readonly #folder: string;
  readonly #config: ResultCacheConfig;
  readonly #write: AtomicWriter;

  constructor(config: ResultCacheConfig) {
    this.#config = config;
    this.#folder = path.join(config.dataFolder, "cache");
    this.#write = config.writeFile ?? writeFileAtomic;
  }

  /**
   * The last run of this machine that answered the very same question: the same image bytes, model files (by their
   * hashes), chosen preset, mode, target, profile and settings, on the same backend, devices and machine, with the same llama.cpp and
   * the same Holoscope, which determines prompts and grammars. A run that was deleted or changed is not found, and the
   * next detection takes its place.
   */
  async find(run: PlannedRun, { engine, machine, files }: AnsweringParts): Promise<RunRecord | undefined> {
    const { image, model, request, profile, settings } = run;
    const { mode, target } = request;
    const app = { version: this.#config.appVersion };
    const key = questionOf({
      image,
      model: { id: model.id, files, preset: presetOf(model) },
      mode,
      target,
      profile,
      settings,
      engine,
      machine,
      app,
    });
    if (key === undefined) return undefined;
    for (const { id, sha256 } of await this.#noted(key)) {
      const stored = await this.#config.runs.get(id).catch(() => undefined);
      if (stored !== undefined && hashOf(stored) === sha256) return stored;
    }
    return undefined;
  }

  /** To be called with a run that this host made, once it is stored. Failing to note it costs only time later. */
  async remember(run: RunRecord): Promise<void> {
    const key = isWhole(run) ? questionOf(run) : undefined;
    if (key === undefined) return;
    const before = (await this.#noted(key)).filter(({ id }) => id !== run.id);
    const runs = [{ id: run.id, sha256: hashOf(runRecordSchema.parse(run)) }, ...before].slice(0, mostNoted);
    await this.#write(this.#path(key), JSON.stringify({ version: 1, runs }), "the result cache").catch((error) =>
      this.#config.log.write("warn", "A result could not be noted for reuse", { error: String(error) }),
    );
  }

  /** Removes the entries whose runs are all gone. */
  async removeOrphans(isThere: (runId: string) => boolean): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    await eachOf(names, readers, async (name) => {
      if (!name.endsWith(ending)) return;
      const noted = await this.#noted(path.basename(name, ending));
      if (noted.some(({ id }) => isThere(id))) return;
      await rm(path.join(this.#folder, name), { force: true }).catch(() => {});
    });
  }

  async #noted(key: string): Promise<Noted> {
    try {
      return entrySchema.parse(JSON.parse(await readFile(this.#path(key), "utf8"))).runs;
    } catch {
      return [];
    }
  }

  #path(key: string): string {
    return path.join(this.#folder, `${key}${ending}`);
  }
}

/** Of a parsed record, whose fields stand in the schema's order. */
const hashOf = (run: RunRecord): string => createHash("sha256").update(recordText(run)).digest("hex");

function isWhole({ status, result, focus, warnings }: RunRecord): boolean {
  return status === "done" && result !== undefined && focus === undefined && endedEarly(warnings) === undefined;
}

type Question = Pick<RunRecord, "image" | "mode" | "target" | "profile" | "settings" | "machine"> & {
  readonly app: Pick<RunRecord["app"], "version">;
  readonly model: Pick<RunRecord["model"], "id" | "files" | "preset">;
  readonly engine?:
    | Pick<NonNullable<RunRecord["engine"]>, "backend" | "llamaCppRelease" | "features" | "devices">
    | undefined;
};

/**
 * SHA-256 of all that decides an answer; undefined while that is not all known. It leaves out what may change without
 * changing the answer: a device's free memory, the machine's name and the version of its system.
 */
function questionOf({ image, mode, target, profile, settings, machine, app, model, engine }: Question) {
  const files = model.files.map(({ role, sha256 }) => [role, sha256]);
  if (engine === undefined || files.length === 0 || files.some(([, sha256]) => sha256 === null)) return undefined;
  const { platform, arch, cpu, physicalCores, logicalCores } = machine;
  const { backend, llamaCppRelease, features, devices } = engine;
  const parts = [
    [image.id, mode, target, profile, detectSettingsSchema.parse(settings)],
    [model.id, files, app.version, ...(model.preset === undefined ? [] : [model.preset])],
    [backend, llamaCppRelease, features, devices.map(({ name, description }) => [name, description])],
    [platform, arch, cpu, physicalCores, logicalCores],
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
