import { engineSummary } from "../../logic/engine-summary.ts";
import { useApp } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import { Tip } from "../../ui/Tip.tsx";
import styles from "./EngineChip.module.css";
import bar from "./TopBar.module.css";

/** What the engine is doing, in two words; why and what to do in its tip. */
export function EngineChip() {
  const connection = useApp((state) => state.host.connection);
  const engine = useApp((state) => state.host.engine);
  const loading = useApp((state) => Object.values(state.runs.byId).find((run) => run.phase === "loading")?.fraction);
  const summary = engineSummary(connection, engine, loading);
  return (
    <Tip text={summary.detail}>
      <button
        type="button"
        className={cx(styles.chip, styles[summary.tone])}
        data-testid="engine-chip"
        data-state={connection === "open" ? engine?.state : connection}
        aria-label={`Engine: ${summary.text}. ${summary.detail}`}
      >
        <span className={styles.dot} />
        <span className={bar.spareWord}>{summary.text}</span>
      </button>
    </Tip>
  );
}
