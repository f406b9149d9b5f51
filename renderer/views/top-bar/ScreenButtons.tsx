import { doctorCatalogue } from "../../model/doctor/catalogue.ts";
import { runsCatalogue } from "../../model/library/catalogue.ts";
import { modelsCatalogue } from "../../model/models/catalogue.ts";
import { profileCatalogue } from "../../model/op-profile/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText, useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";

/** The ways to the wide views; the same button leads back. */
export function ScreenButtons() {
  const commands = useCommands();
  const current = useApp((state) => state.screen.current);
  const ways = [
    {
      name: "library",
      label: "Library",
      icon: "library",
      command: runsCatalogue.library,
      open: () => commands.library.open(),
    },
    {
      name: "batch",
      label: "Batch",
      icon: "batch",
      command: runsCatalogue.batch,
      open: () => commands.showScreen("batch"),
    },
    {
      name: "models",
      label: "Models",
      icon: "model",
      command: modelsCatalogue.models,
      open: () => commands.models.open(),
    },
    {
      name: "profile",
      label: "Operator profile",
      icon: "profile",
      command: profileCatalogue.open,
      open: () => commands.showScreen("profile"),
    },
    {
      name: "doctor",
      label: "Doctor",
      icon: "doctor",
      command: doctorCatalogue.open,
      open: () => commands.doctor.open(),
    },
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
        <Icon name={way.icon} />
      </Button>
    </Tip>
  ));
}
