import { runsCatalogue } from "../../model/library/catalogue.ts";
import { modelsCatalogue } from "../../model/models/catalogue.ts";
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
  const toModels = () => (screen === "models" ? commands.showScreen("image") : void commands.models.open());
  useRegisteredCommands([
    { ...runsCatalogue.library, run: toLibrary },
    { ...runsCatalogue.batch, run: toBatch },
    { ...modelsCatalogue.models, run: toModels },
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
      <Tip text={tipText(modelsCatalogue.models)}>
        <Button
          square
          aria-label="Models"
          aria-pressed={screen === "models"}
          data-testid="models-button"
          onClick={toModels}
        >
          <Icon name="model" />
        </Button>
      </Tip>
    </>
  );
}
