import { readFile, rename } from "node:fs/promises";
import path from "node:path";
import { parseOrThrow } from "../contract/errors.ts";
import { type Settings, type SettingsPatch, settingsSchema } from "../contract/settings.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic-file.ts";
import type { Log } from "./log.ts";
import { Serial } from "./serial.ts";
import { systemCode } from "./storage-error.ts";

export interface SettingsStoreConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly onChange: (settings: Settings) => void;
  readonly writeFile?: AtomicWriter;
}

/** The user's settings in settings.json. What is in memory is what was last written. */
export class SettingsStore {
  readonly #file: string;
  readonly #config: SettingsStoreConfig;
  readonly #write: AtomicWriter;
  readonly #serial = new Serial();
  #settings: Settings;

  private constructor(config: SettingsStoreConfig, settings: Settings) {
    this.#config = config;
    this.#file = settingsFile(config.dataFolder);
    this.#write = config.writeFile ?? writeFileAtomic;
    this.#settings = settings;
  }

  /** Reads the settings. A file that cannot be used is kept aside under another name, and the defaults apply. */
  static async open(config: SettingsStoreConfig): Promise<SettingsStore> {
    return new SettingsStore(config, await readSettings(config));
  }

  get current(): Settings {
    return this.#settings;
  }

  /**
   * Replaces the given fields (`overrides` as a whole) and saves. Concurrent updates follow one another; a function is
   * given the settings as they are when its turn comes. Throws DISK_FULL or STORAGE_FAILED, and then nothing has changed.
   */
  update(change: SettingsPatch | ((current: Settings) => SettingsPatch)): Promise<Settings> {
    return this.#serial.run(async () => {
      const patch = typeof change === "function" ? change(this.#settings) : change;
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const next = parseOrThrow(settingsSchema, { ...this.#settings, ...given }, "BAD_REQUEST", "The settings");
      await this.#write(this.#file, `${JSON.stringify(next, undefined, 2)}\n`, "the settings");
      this.#settings = next;
      this.#config.onChange(next);
      return next;
    });
  }
}

function settingsFile(dataFolder: string): string {
  return path.join(dataFolder, "settings.json");
}

async function readSettings({ dataFolder, log }: SettingsStoreConfig): Promise<Settings> {
  const file = settingsFile(dataFolder);
  try {
    return settingsSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return settingsSchema.parse({});
    const aside = path.join(dataFolder, `settings.broken-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.json`);
    log.write("warn", "settings.json cannot be used; it is kept aside and the defaults apply", {
      error: String(error),
    });
    await rename(file, aside).catch(() => {});
    return settingsSchema.parse({});
  }
}
