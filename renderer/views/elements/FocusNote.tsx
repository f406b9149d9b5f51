import type { FocusReport } from "../../../app/contract/index.ts";
import { plural } from "../../model/format.ts";
import styles from "./ElementsView.module.css";

const titles = { cropped: "Focus: changed region only", full: "Focus: full pass", unchanged: "Focus: unchanged" };

/** What focus mode did in the shown run, in one line. */
export function FocusNote({ focus }: { readonly focus: FocusReport }) {
  const kept = focus.outcome === "full" ? "" : ` ${plural(focus.keptDetections, "element")} kept.`;
  return (
    <p className={styles.state} data-testid="focus-note" data-outcome={focus.outcome}>
      <b>{titles[focus.outcome]}.</b> {focus.reason}
      {kept}
    </p>
  );
}
