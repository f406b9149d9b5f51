import type { FocusReport } from "../../../app/contract/index.ts";
import { plural } from "../../model/format.ts";
import { focusTexts } from "../../model/names.ts";
import styles from "./ElementsView.module.css";

/** What focus mode did in the shown run, in one line. */
export function FocusNote({ focus }: { readonly focus: FocusReport }) {
  const kept = focus.outcome === "full" ? "" : ` ${plural(focus.keptDetections, "element")} kept.`;
  return (
    <p className={styles.state} data-testid="focus-note" data-outcome={focus.outcome}>
      <b>Focus: {focusTexts[focus.outcome]}.</b> {focus.reason}
      {kept}
    </p>
  );
}
