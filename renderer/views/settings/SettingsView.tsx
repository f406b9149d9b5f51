import { useEffect, useRef } from "react";
import { plural } from "../../../app/presentation/numbers.ts";
import { filterRows, keptGroup, settingOptions, settingRows, showsKept } from "../../logic/settings/settings.ts";
import { chosenModel } from "../../store/host-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Blank } from "../../ui/Blank.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/Checkbox.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { WideView } from "../app/WideView.tsx";
import { KeptPanel } from "../kept/KeptPanel.tsx";
import { SettingList } from "./SettingList.tsx";
import styles from "./SettingsView.module.css";

/** Every setting: found, changed where it stands, and given back its default. */
export default function SettingsView() {
  const { settings: commands } = useCommands();
  const host = useApp((state) => state.host);
  const filter = useApp((state) => state.view.settingsFilter);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => search.current?.focus(), []);

  const model = chosenModel(host);
  const rows = host.settings === undefined ? [] : settingRows(host.settings, model);
  const changed = rows.filter((row) => row.changed);
  const shown = filterRows(rows, filter);
  const kept = showsKept(shown, filter);
  const names = changed.map(({ name }) => name);
  return (
    <WideView
      title="Settings"
      about={
        <p role="status" data-testid="settings-count">
          {changed.length === 0
            ? "All have their defaults"
            : `${changed.length} of ${plural(rows.length, "setting")} changed`}
        </p>
      }
      actions={
        <Button
          disabled={changed.length === 0}
          data-testid="settings-reset-all"
          onClick={() => void commands.reset(names, plural(names.length, "setting"))}
        >
          Reset all
        </Button>
      }
      closeLabel="Close the settings"
      head="joined"
      testId="settings"
    >
      <search className={styles.filters}>
        <TextField
          ref={search}
          type="search"
          label="Search settings"
          labelHidden
          className={styles.search}
          placeholder="Search settings by name or what they do"
          testId="settings-search"
          value={filter.text}
          onChange={(text) => commands.filter({ text })}
        />
        <Checkbox
          checked={filter.changedOnly}
          testId="settings-changed"
          onChange={(changedOnly) => commands.filter({ changedOnly })}
        >
          Changed only
        </Checkbox>
      </search>
      {shown.length === 0 && rows.length > 0 && !kept ? (
        <Blank className={styles.body}>
          <h3>{filter.changedOnly && changed.length === 0 ? "Nothing is changed" : "No such setting"}</h3>
          <Button data-testid="settings-show-all" onClick={() => commands.filter({ text: "", changedOnly: false })}>
            Show all settings
          </Button>
        </Blank>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region without this cannot be scrolled by keyboard.
        <section className={styles.body} aria-label="All settings" tabIndex={0}>
          <SettingList
            rows={shown}
            optionsOf={(row) => settingOptions(row, { ...host, model })}
            onChange={(name, value) => void commands.set(name, value)}
            onReset={({ name, setting }) => void commands.reset([name], `“${setting.title}”`)}
            below={kept ? { [keptGroup]: <KeptPanel /> } : {}}
          />
        </section>
      )}
    </WideView>
  );
}
