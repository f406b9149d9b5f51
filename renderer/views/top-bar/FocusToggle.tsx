import { detectionSettings } from "../../../app/contract/index.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Tip } from "../../ui/Tip.tsx";
import { Toggle } from "../../ui/Toggle.tsx";

const { title, about } = detectionSettings.focus;

/** Focus mode is an override of the profile, kept in the settings. */
export function FocusToggle() {
  const commands = useCommands();
  const settings = useApp((state) => state.host.settings);
  return (
    <Tip text={about}>
      <Toggle
        label="Focus mode"
        testId="focus-toggle"
        pressed={settings?.overrides.focus === true}
        onChange={(focus) => void commands.settings.set("focus", focus)}
        disabled={settings === undefined}
      >
        {title}
      </Toggle>
    </Tip>
  );
}
