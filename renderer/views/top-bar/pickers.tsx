import { generalSettings, type Settings } from "../../../app/contract/index.ts";
import { plural } from "../../../app/presentation/numbers.ts";
import { overridesInForce, profileText, rowText, settingOptions, settingRows } from "../../logic/settings/settings.ts";
import { chosenModel, type HostState } from "../../store/host-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { Tip } from "../../ui/Tip.tsx";
import styles from "./TopBar.module.css";

const picked = [
  { name: "modelId", testId: "model-picker" },
  { name: "backend", testId: "backend-picker" },
  { name: "profile", testId: "profile-picker" },
] as const;
type Picked = (typeof picked)[number]["name"];

/** The settings that are changed most, as the Settings view has them too. */
export function Pickers() {
  const commands = useCommands();
  const host = useApp((state) => state.host);
  const model = chosenModel(host);
  const rows = host.settings === undefined ? [] : settingRows(host.settings, model);
  return (
    <div className={styles.pickers}>
      {picked.map(({ name, testId }) => {
        const row = rows.find((each) => each.name === name);
        return (
          <SelectField
            key={name}
            label={generalSettings[name].title}
            testId={testId}
            value={String(row?.value ?? "")}
            options={(row && settingOptions(row, { ...host, model })) ?? []}
            disabled={row === undefined}
            title={host.settings && tip(name, host, host.settings)}
            onChange={(value) => void commands.settings.set(name, value)}
          />
        );
      })}
    </div>
  );
}

/** What the present choice means. */
function tip(name: Picked, host: HostState, settings: Settings): string | undefined {
  const model = chosenModel(host);
  switch (name) {
    case "modelId":
      return model && [model.name, model.quantisation, model.architecture].filter(Boolean).join(", ");
    case "backend":
      return host.backends.find(({ backend }) => backend === settings.backend)?.reason ?? generalSettings.backend.about;
    case "profile":
      return profileText(settings, model);
  }
}

/** How many settings override the profile, and the way to them; nothing where none does. */
export function Overrides() {
  const commands = useCommands();
  const host = useApp((state) => state.host);
  const rows = host.settings === undefined ? [] : overridesInForce(host.settings, chosenModel(host));
  if (rows.length === 0) return null;
  return (
    <Tip text={rows.map(rowText).join("\n")}>
      <Button
        look="quiet"
        className={styles.overrides}
        aria-label={`${plural(rows.length, "override")} of the profile: show in the settings`}
        data-testid="overrides"
        onClick={() => commands.settings.open(true)}
      >
        +{rows.length}
        <span className="word-beside-sign"> {rows.length === 1 ? "override" : "overrides"}</span>
      </Button>
    </Tip>
  );
}
