import { catalogue } from "../../logic/commands/catalogue.ts";
import { currentActiveRun, currentImage, detectBlocker } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText, useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";
import { EngineChip } from "./EngineChip.tsx";
import { FocusToggle } from "./FocusToggle.tsx";
import { Logo } from "./Logo.tsx";
import { ModeSwitch } from "./ModeSwitch.tsx";
import { OpenButton } from "./OpenButton.tsx";
import { Overrides, Pickers } from "./pickers.tsx";
import { ScreenButtons } from "./ScreenButtons.tsx";
import { ThemeButton } from "./ThemeButton.tsx";
import styles from "./TopBar.module.css";

export function TopBar() {
  return (
    <header className={styles.bar}>
      <h1 className={styles.name}>
        <Logo />
        <span className="word-beside-sign">Holoscope</span>
      </h1>
      <OpenButton />
      <ScreenButtons />
      <span className={styles.divider} />
      <ModeSwitch />
      <Pickers />
      <Overrides />
      <FocusToggle />
      <span className="grow" />
      <EngineChip />
      <ThemeButton />
      <DetectOrCancel />
    </header>
  );
}

function DetectOrCancel() {
  const commands = useCommands();
  const image = useApp(currentImage);
  const active = useApp(currentActiveRun);
  const blocker = useApp(detectBlocker);
  const starting = useApp((state) => image !== undefined && state.runs.starting.includes(image.id));
  const detect = () => {
    if (image !== undefined && active === undefined && blocker === undefined) void commands.detect(image.id);
  };
  const cancel = () => {
    if (active !== undefined) void commands.cancel(active.id);
  };
  const underWay = active === undefined ? undefined : "A detection is running.";
  useRegisteredCommands([{ ...catalogue.detect, blocked: blocker ?? underWay, run: detect }]);

  if (active !== undefined) {
    return (
      <Button look="danger" className={styles.action} data-testid="cancel-button" onClick={cancel}>
        <Icon name="stop" filled />
        Cancel
      </Button>
    );
  }
  return (
    <Tip text={blocker ?? tipText(catalogue.detect, "Detect in this screenshot")}>
      {/* aria-disabled, not disabled: the reason must stay reachable by keyboard. */}
      <Button
        look="primary"
        className={styles.action}
        data-testid="detect-button"
        aria-disabled={blocker !== undefined || starting}
        onClick={detect}
      >
        <Icon name="play" filled />
        Detect
      </Button>
    </Tip>
  );
}
