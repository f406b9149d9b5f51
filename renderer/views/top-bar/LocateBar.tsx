import { targetSchema } from "../../../app/contract/index.ts";
import { chosenMode, currentActiveRun, currentImage, requestBlocker } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import styles from "./LocateBar.module.css";

/** What to look for; there only in the mode "locate". Enter starts the search. */
export function LocateBar() {
  const commands = useCommands();
  const locate = useApp((state) => state.host.settings?.mode === "locate");
  const note = useApp((state) => chosenMode(state)?.note ?? "");
  const target = useApp((state) => state.view.target);
  const image = useApp(currentImage);
  const active = useApp(currentActiveRun);
  const blocked = useApp((state) => requestBlocker(state) !== undefined);
  if (!locate) return null;
  return (
    <form
      className={styles.bar}
      onSubmit={(event) => {
        event.preventDefault();
        if (image !== undefined && active === undefined && !blocked) void commands.detect(image.id);
      }}
    >
      <label htmlFor="locate-target" className={styles.label}>
        Locate
      </label>
      <input
        id="locate-target"
        className={styles.input}
        type="text"
        value={target}
        maxLength={targetSchema.maxLength ?? undefined}
        placeholder="Describe one element, such as “the search field”, then press Enter"
        autoComplete="off"
        data-testid="locate-target"
        onChange={(event) => commands.setTarget(event.target.value)}
      />
      {note !== "" && <p className={styles.note}>{note}</p>}
    </form>
  );
}
