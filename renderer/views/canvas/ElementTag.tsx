import type { CSSProperties } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { formatConfidence, formatPx } from "../../model/format.ts";
import { labelColor, labelText } from "../../model/label-colors.ts";
import styles from "./ElementTag.module.css";

/** Label, confidence and size at the box's upper left corner, at the same size at any zoom. */
export function ElementTag({ detection }: { readonly detection: Detection }) {
  const [x1, y1, x2, y2] = detection.bbox;
  const place: CSSProperties & Record<`--${string}`, string | number> = {
    "--at-x": x1,
    "--at-y": y1,
    "--to-x": x2,
    "--to-y": y2,
  };
  return (
    <div className={styles.line} style={place}>
      <span className={styles.indent} />
      <div className={styles.tag} style={{ backgroundColor: labelColor(detection.label) }} data-testid="element-tag">
        <b>{labelText(detection.label)}</b> {formatConfidence(detection.confidence)}
        <span className={styles.size}>
          {formatPx(x2 - x1)} × {formatPx(y2 - y1)} px
        </span>
      </div>
    </div>
  );
}
