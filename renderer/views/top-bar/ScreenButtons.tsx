import { runsCatalogue } from "../../model/library/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText, useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";

/** The ways to the views of many runs; the same button leads back. */
export function ScreenButtons() {
  const commands = useCommands();
  const screen = useApp((state) => state.screen.current);
  const toLibrary = () => (screen === "library" ? commands.showScreen("image") : void commands.library.open());
  const toBatch = () => commands.showScreen(screen === "batch" ? "image" : "batch");
  useRegisteredCommands([
    { ...runsCatalogue.library, run: toLibrary },
    { ...runsCatalogue.batch, run: toBatch },
  ]);
  return (
    <>
      <Tip text={tipText(runsCatalogue.library)}>
        <Button
          square
          aria-label="Library"
          aria-pressed={screen === "library"}
          data-testid="library-button"
          onClick={toLibrary}
        >
          <Icon name="library" />
        </Button>
      </Tip>
      <Tip text={tipText(runsCatalogue.batch)}>
        <Button
          square
          aria-label="Batch"
          aria-pressed={screen === "batch"}
          data-testid="batch-button"
          onClick={toBatch}
        >
          <Icon name="batch" />
        </Button>
      </Tip>
    </>
  );
}
