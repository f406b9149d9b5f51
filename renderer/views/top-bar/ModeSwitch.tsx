import { modeChoices } from "../../logic/modes.ts";
import { chosenModel } from "../../store/host-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./ModeSwitch.module.css";

/** Detect all or locate one target; what the model cannot do is disabled and says why. */
export function ModeSwitch() {
  const commands = useCommands();
  const mode = useApp((state) => state.host.settings?.mode);
  const model = useApp((state) => chosenModel(state.host));
  return (
    <fieldset className={styles.group}>
      <legend className="visually-hidden">Mode</legend>
      {modeChoices(model).map((choice) => (
        <label key={choice.mode} className={styles.choice} title={choice.note || undefined}>
          <input
            type="radio"
            name="mode"
            className="visually-hidden"
            value={choice.mode}
            checked={choice.mode === mode}
            disabled={!choice.enabled}
            aria-describedby={choice.note === "" ? undefined : `mode-note-${choice.mode}`}
            onChange={() => void commands.settings.update({ mode: choice.mode })}
          />
          {choice.name}
          {choice.offTraining && (
            <span className={styles.mark}>
              <Icon name="warning" />
              <span className="word-beside-sign">off-training</span>
            </span>
          )}
          {choice.note !== "" && (
            <span id={`mode-note-${choice.mode}`} className="visually-hidden">
              {choice.note}
            </span>
          )}
        </label>
      ))}
    </fieldset>
  );
}
