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
  const screen = useApp((state) => state.screen.current);
  const toLibrary = () => (screen === "library" ? commands.showScreen("image") : void commands.library.open());
  const toBatch = () => commands.showScreen(screen === "batch" ? "image" : "batch");
  const toModels = () => (screen === "models" ? commands.showScreen("image") : void commands.models.open());
  const toProfile = () => commands.showScreen(screen === "profile" ? "image" : "profile");
  const toDoctor = () => (screen === "doctor" ? commands.showScreen("image") : void commands.doctor.open());
  useRegisteredCommands([
    { ...profileCatalogue.open, run: toProfile },
    { ...doctorCatalogue.open, run: toDoctor },
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
      <Tip text={tipText(profileCatalogue.open)}>
        <Button
          square
          aria-label="Operator profile"
          aria-pressed={screen === "profile"}
          data-testid="profile-button"
          onClick={toProfile}
        >
          <Icon name="profile" />
        </Button>
      </Tip>
      <Tip text={tipText(doctorCatalogue.open)}>
        <Button
          square
          aria-label="Doctor"
          aria-pressed={screen === "doctor"}
          data-testid="doctor-button"
          onClick={toDoctor}
        >
          <Icon name="doctor" />
        </Button>
      </Tip>
    </>
  );
}
