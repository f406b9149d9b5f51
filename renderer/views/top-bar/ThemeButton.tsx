import { catalogue } from "../../model/commands/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Menu, MenuCheck, MenuRadios, MenuSeparator } from "../../ui/Menu.tsx";

const themes = [
  { value: "system", text: "As the system" },
  { value: "light", text: "Light" },
  { value: "dark", text: "Dark" },
] as const;
const next = { system: "light", light: "dark", dark: "system" } as const;
const icons = { system: "system", light: "sun", dark: "moon" } as const;

/** Theme and contrast; both follow the system unless chosen. */
export function ThemeButton() {
  const commands = useCommands();
  const theme = useApp((state) => state.host.settings?.theme ?? "system");
  const contrast = useApp((state) => state.prefs.contrast);
  useRegisteredCommands([
    { ...catalogue.theme, run: () => void commands.updateSettings({ theme: next[theme] }) },
    { ...catalogue.contrast, run: () => commands.window.toggleContrast() },
  ]);
  return (
    <Menu
      align="end"
      trigger={
        <Button
          look="quiet"
          square
          title="Theme and contrast"
          aria-label={`Theme: ${theme}${contrast === "more" ? ", high contrast" : ""}`}
          data-testid="theme-button"
        >
          <Icon name={icons[theme]} />
        </Button>
      }
    >
      <MenuRadios
        label="Theme"
        value={theme}
        options={themes}
        onChange={(chosen) => void commands.updateSettings({ theme: chosen })}
      />
      <MenuSeparator />
      <MenuCheck
        text="High contrast"
        checked={contrast === "more"}
        testId="high-contrast"
        onChange={() => commands.window.toggleContrast()}
      />
    </Menu>
  );
}
