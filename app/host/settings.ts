import path from "node:path";
import {
  defined,
  type ErrorInfo,
  readSettings,
  type Settings,
  type SettingsPatch,
  settingsSchema,
} from "../contract/index.ts";
import type { AtomicWriter } from "./disk/atomic.ts";
import { SharedFile } from "./disk/shared-file.ts";
import type { Log } from "./log.ts";

interface SettingsStoreConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly onChange: (settings: Settings) => void;
  readonly writeFile?: AtomicWriter;
}

/** The user's settings in settings.json, which other processes may change too. */
export class SettingsStore {
  readonly #file: SharedFile<Settings>;
  readonly #onChange: (settings: Settings) => void;

  private constructor(file: SharedFile<Settings>, onChange: (settings: Settings) => void) {
    this.#file = file;
    this.#onChange = onChange;
  }

  /** Reads the settings. What cannot be used of the file has its default, and a copy of the file is kept. */
  static async open({ dataFolder, onChange, ...config }: SettingsStoreConfig): Promise<SettingsStore> {
    const file = await SharedFile.open<Settings>({
      ...config,
      file: path.join(dataFolder, "settings.json"),
      what: "the settings",
      empty: settingsSchema.parse({}),
      read: (stored) => {
        const { settings: value, problems } = readSettings(stored);
        return { value, problems };
      },
      stored: (settings) => settings,
      onOutsideChange: onChange,
      problemCode: "SETTINGS_INVALID",
      consequence: "Defaults apply in place of what could not be read.",
    });
    return new SettingsStore(file, onChange);
  }

  /** As they were last read or written. */
  get current(): Settings {
    return this.#file.current;
  }

  /** What could not be read of the file, for the user to know. */
  get problems(): readonly ErrorInfo[] {
    return this.#file.problems;
  }

  /** As they are in the file now. */
  refresh(): Promise<Settings> {
    return this.#file.refresh();
  }

  /**
   * Replaces the given fields (`overrides` as a whole) and saves. Concurrent updates follow one another, those of other
   * processes too; a function is given the settings as they are when its turn comes. Throws DISK_FULL or STORAGE_FAILED,
   * and then nothing has changed.
   */
  async update(change: SettingsPatch | ((current: Settings) => SettingsPatch)): Promise<Settings> {
    const next = await this.#file.change((current) => ({
      ...current,
      ...defined(typeof change === "function" ? change(current) : change),
    }));
    this.#onChange(next);
    return next;
  }

  close(): void {
    this.#file.close();
  }
}
