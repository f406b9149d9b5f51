import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";

const next = { system: "light", light: "dark", dark: "system" } as const;
const icons = { system: "system", light: "sun", dark: "moon" } as const;

/** Goes from the system's theme to light to dark and round again. */
export function ThemeButton() {
  const commands = useCommands();
  const theme = useApp((state) => state.host.settings?.theme ?? "system");
  return (
    <Tip text={`Theme: ${theme}. Click for ${next[theme]}.`}>
      <Button
        look="quiet"
        square
        aria-label={`Theme: ${theme}`}
        data-testid="theme-button"
        onClick={() => void commands.updateSettings({ theme: next[theme] })}
      >
        <Icon name={icons[theme]} />
      </Button>
    </Tip>
  );
}
