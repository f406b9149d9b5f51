import { generalSettings } from "../../../app/contract/index.ts";
import { choiceWords } from "../../../app/presentation/settings.ts";
import { catalogue } from "../../logic/commands/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Menu, MenuCheck, MenuRadios, MenuSeparator } from "../../ui/Menu.tsx";

const words = choiceWords(generalSettings.theme);
const themes = generalSettings.theme.schema.options.map((value) => ({ value, text: words[value] }));
const next = { system: "light", light: "dark", dark: "system" } as const;
const icons = { system: "system", light: "sun", dark: "moon" } as const;

/** Theme and contrast; both follow the system unless chosen. */
export function ThemeButton() {
  const commands = useCommands();
  const theme = useApp((state) => state.host.settings?.theme ?? "system");
  const contrast = useApp((state) => state.prefs.contrast);
  useRegisteredCommands([
    { ...catalogue.theme, run: () => void commands.settings.update({ theme: next[theme] }) },
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
        onChange={(chosen) => void commands.settings.update({ theme: chosen })}
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
