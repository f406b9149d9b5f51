import type { FocusReport, RefineStep } from "../../../app/contract/index.ts";
import { formatMs, plural } from "../../../app/presentation/numbers.ts";
import { focusTexts, lookText } from "../../../app/presentation/texts.ts";
import { isActive, type RunView } from "../../logic/run-view.ts";
import {
  currentImage,
  selectedDetection,
  selectedDetections,
  shownFound,
  shownRun,
  visibleElements,
} from "../../store/selectors.ts";
import { useApp } from "../../store/use-app.tsx";
import { DeclutterPanel } from "../declutter/DeclutterPanel.tsx";
import { ElementDetails } from "./ElementDetails.tsx";
import { ElementList } from "./ElementList.tsx";
import styles from "./ElementsView.module.css";
import { Warnings } from "./Warnings.tsx";

/** The elements of the shown run, its state where it is not simply done, its warnings, and the selected element. */
export function ElementsView() {
  const run = useApp(shownRun);
  const elements = useApp(visibleElements);
  const found = useApp(shownFound);
  const image = useApp(currentImage);
  const selected = useApp(selectedDetection);
  const selection = useApp(selectedDetections);
  if (run === undefined) return <p className={styles.blank}>No run of this image yet. Press Detect.</p>;
  const anything = found.detections.length + found.belowThreshold.length > 0;
  return (
    <>
      <RunState run={run} />
      {run.record?.focus !== undefined && <FocusNote focus={run.record.focus} />}
      {run.record?.refinement !== undefined && <RefineNote steps={run.record.refinement} />}
      {run.record !== undefined && <Warnings warnings={run.record.warnings} />}
      {anything && <DeclutterPanel />}
      {elements.items.length > 0 && <ElementList elements={elements} />}
      {elements.items.length === 0 && (
        <p className={styles.fill}>{found.detections.length > 0 && "The filters leave no element."}</p>
      )}
      {selected !== undefined && image !== undefined && (
        <ElementDetails image={image} detection={selected} selection={selection} />
      )}
    </>
  );
}

function RunState({ run }: { readonly run: RunView }) {
  const kept = run.detections.length > 0 ? ` ${plural(run.detections.length, "element")} kept.` : "";
  if (isActive(run) && run.detections.length === 0) {
    return <p className={styles.blank}>Elements appear as the model writes them.</p>;
  }
  if (run.status === "cancelled") {
    const after = run.record !== undefined && run.record.totalMs > 0 ? ` after ${formatMs(run.record.totalMs)}` : "";
    return (
      <p className={styles.state} data-testid="run-state">
        <b>Cancelled</b>
        {after}.{kept}
      </p>
    );
  }
  if (run.status === "failed") {
    return (
      <div className={styles.failed} data-testid="run-state">
        <p>
          <b>Failed.</b> {run.error?.message}
        </p>
        {run.error?.hint !== undefined && <p>{run.error.hint}</p>}
        {kept !== "" && <p>{kept.trim()}</p>}
      </div>
    );
  }
  if (run.status === "done" && run.detections.length === 0) return <NothingFound run={run} />;
  return null;
}

function NothingFound({ run }: { readonly run: RunView }) {
  const below = run.record?.belowThreshold.length ?? 0;
  return (
    <div className={styles.nothing} data-testid="no-elements">
      <p className={styles.nothingTitle}>No elements found</p>
      <ul>
        {below > 0 && (
          <li>
            {plural(below, "element")} lay below the minimum confidence of {run.record?.settings.minConfidence}. Move
            the confidence slider to the left to see them.
          </li>
        )}
        {run.mode === "locate" && <li>Describe the target differently, as it looks or by its text.</li>}
        <li>Try the profile Quality: the model sees more detail.</li>
        <li>Crop the screenshot to the part that matters.</li>
      </ul>
    </div>
  );
}

/** The looks of a refined search. */
function RefineNote({ steps }: { readonly steps: readonly RefineStep[] }) {
  return (
    <div className={styles.state} data-testid="refine-note">
      <b>Refined in {plural(steps.length, "look")}</b>
      <ol className={styles.looks}>
        {steps.map((step) => (
          <li key={step.crop.join()}>{lookText(step)}</li>
        ))}
      </ol>
    </div>
  );
}

/** What focus mode did in the shown run, in one line. */
function FocusNote({ focus }: { readonly focus: FocusReport }) {
  const kept = focus.outcome === "full" ? "" : ` ${plural(focus.keptDetections, "element")} kept.`;
  return (
    <p className={styles.state} data-testid="focus-note" data-outcome={focus.outcome}>
      <b>Focus: {focusTexts[focus.outcome]}.</b> {focus.reason}
      {kept}
    </p>
  );
}
