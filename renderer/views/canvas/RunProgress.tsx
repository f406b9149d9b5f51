import { plural } from "../../../app/presentation/numbers.ts";
import { phaseTexts } from "../../../app/presentation/texts.ts";
import { isActive } from "../../logic/run-view.ts";
import { shownRun } from "../../store/selectors.ts";
import { useApp } from "../../store/use-app.tsx";
import styles from "./RunProgress.module.css";

/** What the shown run is doing, while it does. */
export function RunProgress() {
  const run = useApp(shownRun);
  if (run === undefined || !isActive(run)) return null;
  const percent = run.fraction === undefined ? undefined : Math.round(run.fraction * 100);
  const ahead = run.status === "queued" && run.position > 0 ? ` · ${plural(run.position, "run")} ahead` : "";
  const found = run.detections.length > 0 ? ` · ${plural(run.detections.length, "element")}` : "";
  return (
    <div className={styles.progress} data-testid="run-progress">
      <p className={styles.text}>
        {phaseTexts[run.phase]}
        {percent !== undefined && ` ${percent} %`}
        {ahead}
        {found}
      </p>
      <progress className={styles.bar} aria-label={phaseTexts[run.phase]} max={1} value={run.fraction} />
    </div>
  );
}
