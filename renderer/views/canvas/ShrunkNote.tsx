import { firstSentence } from "../../../app/presentation/texts.ts";
import { shownRun } from "../../store/selectors.ts";
import { useApp } from "../../store/use-app.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./ShrunkNote.module.css";

/**
 * By how much the shown run's model saw the screenshot shrunk, and what is lost, beside the picture itself. The pointer
 * reaches what lies under it; the whole message stands with the run's warnings.
 */
export function ShrunkNote() {
  const message = useApp((state) => shownRun(state)?.record?.warnings.find(({ code }) => code === "SHRUNK")?.message);
  if (message === undefined) return null;
  return (
    <p className={styles.note} data-testid="shrunk-note">
      <Icon name="warning" />
      <span>{firstSentence(message)}</span>
    </p>
  );
}
