import { type Detection, type ImageRef, scaleOf } from "../../../app/contract/index.ts";
import { elementColor, labelText } from "../../../app/presentation/labels.ts";
import { formatCount, formatPx } from "../../../app/presentation/numbers.ts";
import { confidenceSourceTexts, toldConfidence } from "../../../app/presentation/texts.ts";
import { boxInUnit, clickPoint, pointInUnit, unitNames, unitSize } from "../../../app/presentation/units.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
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
  const unit = useApp((state) => state.prefs.unit);
  const scale = scaleOf(image);
  const size = unitSize(unit, scale);
  // At scale 1 there is but one kind of px.
  const px = scale.value === 1 ? "px" : unitNames[unit];
  const [x1, y1, x2, y2] = boxInUnit(detection.bbox, size);
  const [clickX, clickY] = pointInUnit(clickPoint(detection), size);
  return (
    <section className={styles.details} aria-label="Selected element" data-testid="element-details">
      <header className={styles.head}>
        <span className={styles.swatch} style={{ backgroundColor: elementColor(detection) }} />
        <h2 className={styles.title}>{labelText(detection.label)}</h2>
        <span className={styles.id}>{detection.id}</span>
        {selection.length > 1 && (
          <span className="note" data-testid="selection-count">
            {formatCount(selection.length)} selected
          </span>
        )}
        <CopyMenu />
        <IconButton icon="close" label="Deselect" onClick={() => commands.selection.select(undefined)} />
      </header>
      <Crops image={image} detections={selection} />
      <dl className={styles.box}>
        <Figure name={`x ${px}`} value={formatPx(x1)} />
        <Figure name={`y ${px}`} value={formatPx(y1)} />
        <Figure name={`w ${px}`} value={formatPx(x2 - x1)} />
        <Figure name={`h ${px}`} value={formatPx(y2 - y1)} />
      </dl>
      <dl className={styles.facts}>
        {detection.text !== undefined && (
          <>
            <dt>Text</dt>
            <dd>{detection.text}</dd>
          </>
        )}
        <dt>{detection.point === undefined ? "Centre" : "Click point"}</dt>
        <dd className="figures">
          {formatPx(clickX)}, {formatPx(clickY)} {px}
        </dd>
        <dt>Confidence</dt>
        <dd>
          <span className="figures">{toldConfidence(detection)?.toFixed(3)}</span>
          <span className={styles.source}>{confidenceSourceTexts[detection.confidenceSource]}</span>
        </dd>
        {detection.rawConfidence !== undefined && (
          <>
            <dt>Uncalibrated</dt>
            <dd className="figures">{detection.rawConfidence.toFixed(3)}</dd>
          </>
        )}
        <dt>Model wrote</dt>
        <dd>
          <span className="figures">{detection.raw.values.join(", ")}</span>
          <span className={styles.source}>{spaces[detection.raw.space]}</span>
        </dd>
      </dl>
    </section>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd className="figures">{value}</dd>
    </div>
  );
}
