import { useApp, useCommands } from "../../store/use-app.tsx";
import { Tip } from "../../ui/Tip.tsx";
import { Toggle } from "../../ui/Toggle.tsx";

const what =
  "Focus: detect only what changed since the last screenshot of this size, and keep its other elements. Faster, but may differ from a full pass";

/** Focus mode is an override of the profile, kept in the settings. */
export function FocusToggle() {
  const commands = useCommands();
  const settings = useApp((state) => state.host.settings);
  const overrides = settings?.overrides;
  const change = (focus: boolean) => void commands.updateSettings({ overrides: { ...overrides, focus } });
  return (
    <Tip text={what}>
      <Toggle
        label="Focus mode"
        testId="focus-toggle"
        pressed={overrides?.focus === true}
        onChange={change}
        disabled={settings === undefined}
      >
        Focus
      </Toggle>
    </Tip>
  );
}
