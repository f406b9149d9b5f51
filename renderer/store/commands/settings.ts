import { type SettingsPatch, settingsSchema } from "../../../app/contract/index.ts";
import { modeChoices } from "../../logic/modes.ts";
import { type SettingsFilter, settingsChange } from "../../logic/settings/settings.ts";
import { HostCommands } from "../host-commands.ts";
import { chosenModel } from "../host-slice.ts";

/** Changes of the settings, and what the Settings view shows of them. */
export class SettingsCommands extends HostCommands {
  /** Shows all settings, or those that differ from their defaults. */
  open(changedOnly = false): void {
    this.filter({ text: "", changedOnly });
    this.patch("screen", { current: "settings" });
  }

  filter(change: Partial<SettingsFilter>): void {
    const { settingsFilter } = this.state.view;
    this.patch("view", { settingsFilter: { ...settingsFilter, ...change } });
  }

  /** Applies at once and takes back if the host refuses. A mode the new model lacks is exchanged for one it has. */
  async update(change: SettingsPatch): Promise<void> {
    const { settings } = this.state.host;
    if (settings === undefined) return;
    const full = this.#withSupportedMode(change);
    this.patch("host", { settings: settingsSchema.parse({ ...settings, ...full }) });
    try {
      this.patch("host", { settings: await this.client.call("settings.update", full) });
    } catch (error) {
      this.report(error, "Settings");
      this.patch("host", { settings });
    }
  }

  /** Gives one setting, by its name, another value. */
  async set(name: string, value: unknown): Promise<void> {
    await this.#change({ [name]: value });
  }

  /** Gives settings, by their names, their defaults. `what` tells which, as in "Reset the theme". */
  async reset(names: readonly string[], what: string): Promise<void> {
    const { settings } = this.state.host;
    if (settings === undefined) return;
    await this.#change(Object.fromEntries(names.map((name) => [name, undefined])));
    const { version: _version, recentImages: _recentImages, ...before } = settings;
    this.undo.did(`Reset ${what}`, () => this.update(before));
  }

  async #change(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const { host } = this.state;
    if (host.settings !== undefined) await this.update(settingsChange(host.settings, chosenModel(host), changes));
  }

  #withSupportedMode(change: SettingsPatch): SettingsPatch {
    const { models, settings } = this.state.host;
    const model = models.find((each) => each.id === change.modelId);
    if (model === undefined) return change;
    const choices = modeChoices(model);
    const mode = change.mode ?? settings?.mode;
    if (choices.some((choice) => choice.mode === mode && choice.enabled)) return change;
    const possible = choices.find((choice) => choice.enabled);
    return possible === undefined ? change : { ...change, mode: possible.mode };
  }
}
