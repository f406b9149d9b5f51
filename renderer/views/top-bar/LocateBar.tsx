import { targetSchema } from "../../../app/contract/index.ts";
import { chosenMode, currentActiveRun, currentImage, requestBlocker } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { TextField } from "../../ui/TextField.tsx";
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
      <TextField
        label="Locate"
        className="grow"
        value={target}
        maxLength={targetSchema.maxLength ?? undefined}
        placeholder="Describe one element, such as “the search field”, then press Enter"
        testId="locate-target"
        onChange={(text) => commands.setTarget(text)}
      />
      {note !== "" && <p className={styles.note}>{note}</p>}
    </form>
  );
}
