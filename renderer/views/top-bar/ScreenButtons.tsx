import { catalogue, viewCatalogue } from "../../logic/commands/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText, useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";

/** The buttons that open the wide views; the same button leads back. Icons are named like the views. */
export function ScreenButtons() {
  const commands = useCommands();
  const current = useApp((state) => state.screen.current);
  const ways = [
    { name: "library", label: "Library", command: viewCatalogue.library, open: () => commands.library.open() },
    { name: "batch", label: "Batch", command: viewCatalogue.batch, open: () => commands.showScreen("batch") },
    { name: "models", label: "Models", command: viewCatalogue.models, open: () => commands.models.open() },
    {
      name: "operators",
      label: "Operator profile",
      command: viewCatalogue.operators,
      open: () => commands.showScreen("operators"),
    },
    { name: "doctor", label: "Doctor", command: viewCatalogue.doctor, open: () => commands.doctor.open() },
    { name: "settings", label: "Settings", command: catalogue.settings, open: () => commands.settings.open() },
  ] as const;
  const toggle = ({ name, open }: (typeof ways)[number]) =>
    current === name ? commands.showScreen("image") : void open();
  useRegisteredCommands(ways.map((way) => ({ ...way.command, run: () => toggle(way) })));
  return ways.map((way) => (
    <Tip key={way.name} text={tipText(way.command)}>
      <Button
        square
        aria-label={way.label}
        aria-pressed={current === way.name}
        data-testid={`${way.name}-button`}
        onClick={() => toggle(way)}
      >
        <Icon name={way.name} />
      </Button>
    </Tip>
  ));
}
