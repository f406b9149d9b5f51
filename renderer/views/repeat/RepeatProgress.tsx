import type { RepeatSeries } from "../../store/repeat-slice.ts";
import { useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import styles from "./RepeatPanel.module.css";

/** How far a series has got, and its end at will. */
export function RepeatProgress({ series }: { readonly series: RepeatSeries }) {
  const commands = useCommands();
  const done = series.records.length;
  const text = done < series.warmups ? "Warming up" : `Run ${done - series.warmups + 1} of ${series.of}`;
  return (
    <div className={styles.progress} data-testid="repeat-progress">
      <span role="status">{text}</span>
      <progress className={styles.bar} max={series.warmups + series.of} value={done} aria-label="Finished runs" />
      <Button look="danger" data-testid="repeat-cancel" onClick={() => void commands.repeat.cancel()}>
        Cancel
      </Button>
    </div>
  );
}
