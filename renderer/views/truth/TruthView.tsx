import { lazy, Suspense } from "react";
import type { ImageRef, Truth } from "../../../app/contract/index.ts";
import { plural } from "../../../app/presentation/numbers.ts";
import { skipsText } from "../../../app/truth/document.ts";
import { formatNames } from "../../../app/truth/read-truth.ts";
import { isActive } from "../../logic/run-view.ts";
import { shownRun } from "../../store/selectors.ts";
import { currentMatch, currentMetrics, currentTruth, imagesWithTruth } from "../../store/truth-selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
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
        <dt>Datasets</dt>
        <dd>COCO, YOLO (with its classes file), Pascal VOC, ScreenSpot, v2 and Pro, OSWorld-G</dd>
        <dt>Labelling tools</dt>
        <dd>CVAT for images, Label Studio, LabelMe, VGG Image Annotator</dd>
        <dt>Screens</dt>
        <dd>lists with Playwright’s boundingBox or a DOM rect, Android’s UIAutomator</dd>
        <dt>Models</dt>
        <dd>OmniParser, Qwen-VL, answers of /parse</dd>
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
          <p className="note" data-testid="truth-source">
            {formatNames[truth.format]} · {plural(truth.elements.length, "known element")}
          </p>
        </div>
        <OpenTruth look="quiet" />
        <IconButton
          icon="close"
          label="Remove the ground truth"
          tip="Remove the ground truth of this screenshot"
          data-testid="truth-remove"
          onClick={() => void commands.truth.clear(image.id)}
        />
      </header>
      <Remarks truth={truth} />
      <TruthRule />
      <Outcome />
      <AllImages count={others} />
    </>
  );
}

/** How the file was read where that was not a matter of course, and what could not be used. */
function Remarks({ truth: { reading, skipped } }: { readonly truth: Truth }) {
  if (reading === undefined && skipped === undefined) return null;
  return (
    <div className={styles.remarks} data-testid="truth-remarks">
      {reading !== undefined && <p>Read as {reading}.</p>}
      {skipped !== undefined && <p>Skipped: {skipsText(skipped)}.</p>}
    </div>
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
