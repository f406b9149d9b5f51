import type { Detection, ImageRef } from "../../../app/contract/index.ts";
import { elementColor, labelText } from "../../../app/presentation/labels.ts";
import { formatCount } from "../../../app/presentation/numbers.ts";
import { useCommands, useImageUrl } from "../../store/use-app.tsx";
import styles from "./Crops.module.css";

/** More would be too small to tell anything. */
const mostCrops = 24;
/** px of the image that are shown around a box. */
const surround = 4;

interface CropsProps {
  readonly image: ImageRef;
  readonly detections: readonly Detection[];
}

/** The selected elements cut out of the screenshot; choosing one leaves it selected alone. */
export function Crops({ image, detections }: CropsProps) {
  const shown = detections.slice(0, mostCrops);
  const more = detections.length - shown.length;
  return (
    <ul className={styles.crops} aria-label="Selected elements, cut out">
      {shown.map((detection) => (
        <li key={detection.id}>
          <Crop image={image} detection={detection} alone={detections.length === 1} />
        </li>
      ))}
      {more > 0 && <li className={styles.more}>and {formatCount(more)} more</li>}
    </ul>
  );
}

interface CropProps {
  readonly image: ImageRef;
  readonly detection: Detection;
  readonly alone: boolean;
}

function Crop({ image, detection, alone }: CropProps) {
  const commands = useCommands();
  const url = useImageUrl(image.id);
  const [x1, y1, x2, y2] = detection.bbox;
  const [left, top] = [Math.max(0, x1 - surround), Math.max(0, y1 - surround)];
  const width = Math.max(1, Math.min(image.width, x2 + surround) - left);
  const height = Math.max(1, Math.min(image.height, y2 + surround) - top);
  const picture = (
    <svg className={styles.picture} viewBox={`${left} ${top} ${width} ${height}`} aria-hidden="true">
      <image href={url} width={image.width} height={image.height} />
      <rect
        className={styles.frame}
        x={x1}
        y={y1}
        width={Math.max(0, x2 - x1)}
        height={Math.max(0, y2 - y1)}
        color={elementColor(detection)}
      />
    </svg>
  );
  if (alone) {
    return (
      <div className={styles.alone} data-testid="crop" data-element={detection.id}>
        {picture}
      </div>
    );
  }
  return (
    <button
      type="button"
      className={styles.crop}
      aria-label={`Select ${labelText(detection.label)} ${detection.id} alone`}
      title={`${labelText(detection.label)} ${detection.id}`}
      data-testid="crop"
      data-element={detection.id}
      onClick={() => commands.selection.select(detection.id)}
    >
      {picture}
    </button>
  );
}
