import type { RunSummary } from "../../../app/contract/index.ts";
import { formatDateTime } from "../../../app/presentation/numbers.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import styles from "./RunTools.module.css";

/** Takes a run into the comparison. Only runs that finished can be compared. */
export function CompareCheck({ run }: { readonly run: RunSummary }) {
  const commands = useCommands();
  const chosen = useApp((state) => state.compare.chosen.includes(run.id));
  const text = `Compare the run of ${formatDateTime(run.createdAt)} on ${run.machineName}`;
  return (
    <span className={styles.tick}>
      <input
        type="checkbox"
        className="tick-box"
        checked={chosen}
        disabled={run.status !== "done"}
        aria-label={text}
        title={run.status === "done" ? "Compare this run" : "Only finished runs can be compared"}
        data-testid="compare-check"
        data-run={run.id}
        onChange={(event) => commands.compare.choose(run.id, event.target.checked)}
      />
    </span>
  );
}
