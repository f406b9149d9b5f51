import { lazy, Suspense } from "react";
import type { ImageRef, Truth } from "../../../app/contract/index.ts";
import { plural } from "../../model/format.ts";
import { isActive } from "../../model/run-view.ts";
import { formatNames } from "../../model/truth/read-truth.ts";
import { shownRun } from "../../store/selectors.ts";
import { currentMatch, currentMetrics, currentTruth, imagesWithTruth } from "../../store/truth-selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";
import { MistakeList } from "./MistakeList.tsx";
import { OpenTruth } from "./OpenTruth.tsx";
import { TruthFigures } from "./TruthFigures.tsx";
import { TruthLegend } from "./TruthLegend.tsx";
import { TruthRule } from "./TruthRule.tsx";
import styles from "./TruthView.module.css";

const TruthTables = lazy(() => import("./TruthTables.tsx"));

/** The shown run held against what is known to be in the image. */
export default function TruthView({ image }: { readonly image: ImageRef }) {
  const truth = useApp(currentTruth);
  const tablesOpen = useApp((state) => state.truth.tablesOpen);
  return (
    <>
      {truth === undefined ? <NoTruth /> : <Measured image={image} truth={truth} />}
      <Suspense fallback={null}>{tablesOpen && <TruthTables />}</Suspense>
    </>
  );
}

function NoTruth() {
  const others = useApp(imagesWithTruth);
  return (
    <div className={styles.empty} data-testid="truth-empty">
      <h2 className={styles.emptyTitle}>How right is the model?</h2>
      <p>
        Open a file that says what is in this screenshot, or drop it on the window. Holoscope then shows what was found,
        missed and invented, and measures it.
      </p>
      <OpenTruth look="primary" />
      <dl className={styles.formats}>
        <dt>COCO</dt>
        <dd>images are found by their file names</dd>
        <dt>ScreenSpot</dt>
        <dd>ScreenSpot, v2 and Pro; boxes in px or as fractions</dd>
        <dt>DOM export</dt>
        <dd>a list of role, name and Playwright’s boundingBox, for the shown screenshot</dd>
        <dt>Holoscope</dt>
        <dd>a truth file, or a run file whose elements are to be found again</dd>
      </dl>
      {others > 0 && <AllImages count={others} />}
    </div>
  );
}

function Measured({ image, truth }: { readonly image: ImageRef; readonly truth: Truth }) {
  const commands = useCommands();
  const others = useApp(imagesWithTruth);
  return (
    <>
      <header className={styles.source}>
        <div className={styles.sourceText}>
          <p className={styles.sourceName} title={truth.source}>
            {truth.source}
          </p>
          <p className={styles.soft} data-testid="truth-source">
            {formatNames[truth.format]} · {plural(truth.elements.length, "known element")}
          </p>
        </div>
        <OpenTruth look="quiet" />
        <Tip text="Remove the ground truth of this screenshot">
          <Button
            look="quiet"
            square
            aria-label="Remove the ground truth"
            data-testid="truth-remove"
            onClick={() => void commands.truth.clear(image.id)}
          >
            <Icon name="close" />
          </Button>
        </Tip>
      </header>
      <TruthRule />
      <Outcome />
      <AllImages count={others} />
    </>
  );
}

function Outcome() {
  const run = useApp(shownRun);
  const match = useApp(currentMatch);
  const metrics = useApp(currentMetrics);
  const minConfidence = useApp((state) => state.filter.minConfidence);
  if (match === undefined || metrics === undefined) {
    return (
      <p className={styles.blank} data-testid="truth-waiting">
        {isActive(run) ? "Measured when the run has ended." : "No run of this image yet. Press Detect."}
      </p>
    );
  }
  return (
    <>
      <TruthFigures metrics={metrics} />
      {minConfidence !== undefined && (
        <p className={styles.note}>Elements of at least {minConfidence.toFixed(2)} confidence, as the filter has it.</p>
      )}
      <TruthLegend metrics={metrics} />
      <MistakeList />
    </>
  );
}

function AllImages({ count }: { readonly count: number }) {
  const commands = useCommands();
  return (
    <footer className={styles.footer}>
      <Button data-testid="truth-all" onClick={() => commands.truth.showTables(true)}>
        Measures of {count === 1 ? "1 image" : `all ${count} images`} and labels
      </Button>
    </footer>
  );
}
