import type { Detection, ImageRef } from "../../../app/contract/index.ts";
import { formatCount, formatPx } from "../../model/format.ts";
import { elementColor, labelText } from "../../model/label-colors.ts";
import { confidenceSourceTexts } from "../../model/names.ts";
import { useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { CopyMenu } from "./CopyMenu.tsx";
import { Crops } from "./Crops.tsx";
import styles from "./ElementDetails.module.css";

const spaces: Readonly<Record<Detection["raw"]["space"], string>> = {
  "normalised-1000": "of 1000",
  "model-pixels": "px of the model's input",
};

interface ElementDetailsProps {
  readonly image: ImageRef;
  /** The active element of the selection. */
  readonly detection: Detection;
  /** All selected elements. */
  readonly selection: readonly Detection[];
}

/** Everything known about the active element, and a crop of each selected one. */
export function ElementDetails({ image, detection, selection }: ElementDetailsProps) {
  const commands = useCommands();
  const [x1, y1, x2, y2] = detection.bbox;
  const [clickX, clickY] = detection.point ?? [(x1 + x2) / 2, (y1 + y2) / 2];
  return (
    <section className={styles.details} aria-label="Selected element" data-testid="element-details">
      <header className={styles.head}>
        <span className={styles.swatch} style={{ backgroundColor: elementColor(detection) }} />
        <h2 className={styles.title}>{labelText(detection.label)}</h2>
        <span className={styles.id}>{detection.id}</span>
        {selection.length > 1 && (
          <span className={styles.count} data-testid="selection-count">
            {formatCount(selection.length)} selected
          </span>
        )}
        <CopyMenu />
        <Button look="quiet" square aria-label="Deselect" onClick={() => commands.select(undefined)}>
          <Icon name="close" />
        </Button>
      </header>
      <Crops image={image} detections={selection} />
      <dl className={styles.box}>
        <Figure name="x" value={formatPx(x1)} />
        <Figure name="y" value={formatPx(y1)} />
        <Figure name="w" value={formatPx(x2 - x1)} />
        <Figure name="h" value={formatPx(y2 - y1)} />
      </dl>
      <dl className={styles.facts}>
        {detection.text !== undefined && (
          <>
            <dt>Text</dt>
            <dd>{detection.text}</dd>
          </>
        )}
        <dt>{detection.point === undefined ? "Centre" : "Click point"}</dt>
        <dd className={styles.number}>
          {formatPx(clickX)}, {formatPx(clickY)} px
        </dd>
        <dt>Confidence</dt>
        <dd>
          <span className={styles.number}>{detection.confidence.toFixed(3)}</span>
          <span className={styles.source}>{confidenceSourceTexts[detection.confidenceSource]}</span>
        </dd>
        {detection.rawConfidence !== undefined && (
          <>
            <dt>Uncalibrated</dt>
            <dd className={styles.number}>{detection.rawConfidence.toFixed(3)}</dd>
          </>
        )}
        <dt>Model wrote</dt>
        <dd>
          <span className={styles.number}>{detection.raw.values.join(", ")}</span>
          <span className={styles.source}>{spaces[detection.raw.space]}</span>
        </dd>
      </dl>
    </section>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className={styles.figure}>
      <dt>{name} px</dt>
      <dd className={styles.number}>{value}</dd>
    </div>
  );
}
