import { memo, useMemo } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { elementColor } from "../../../app/presentation/labels.ts";
import styles from "./BoxLayer.module.css";

interface BoxLayerProps {
  readonly detections: readonly Detection[];
  /** Ids of those that lay below the run's confidence threshold: drawn dashed. */
  readonly below: ReadonlySet<string>;
  readonly selectedIds: readonly string[];
  readonly hoveredId: string | undefined;
}

/** Boxes and points in px of the image; the group around them scales, strokes and crosshairs do not. */
export const BoxLayer = memo(function BoxLayer({ detections, below, selectedIds, hoveredId }: BoxLayerProps) {
  const halo = useMemo(
    () => detections.map(({ bbox: [x1, y1, x2, y2] }) => `M${x1} ${y1}H${x2}V${y2}H${x1}Z`).join(""),
    [detections],
  );
  return (
    <>
      <path className={styles.halo} d={halo} />
      {detections.map((detection) => (
        <Box
          key={detection.id}
          detection={detection}
          below={below.has(detection.id)}
          selected={selectedIds.includes(detection.id)}
          hovered={detection.id === hoveredId}
        />
      ))}
      {detections.map((detection) => detection.point && <Crosshair key={detection.id} detection={detection} />)}
    </>
  );
});

interface BoxProps {
  readonly detection: Detection;
  readonly below: boolean;
  readonly selected: boolean;
  readonly hovered: boolean;
}

const Box = memo(function Box({ detection, below, selected, hovered }: BoxProps) {
  const [x1, y1, x2, y2] = detection.bbox;
  return (
    <rect
      className={styles.box}
      x={x1}
      y={y1}
      width={Math.max(0, x2 - x1)}
      height={Math.max(0, y2 - y1)}
      color={elementColor(detection)}
      data-testid="box"
      data-element={detection.id}
      data-label={detection.label}
      data-below={below}
      data-selected={selected}
      data-hovered={hovered}
    />
  );
});

function Crosshair({ detection }: { readonly detection: Detection }) {
  if (detection.point === undefined) return null;
  const [x, y] = detection.point;
  return (
    <g transform={`translate(${x} ${y})`} color={elementColor(detection)} data-testid="point">
      <g className={styles.crosshair}>
        <path className={styles.crosshairHalo} d="M-14 0H-5M5 0H14M0-14V-5M0 5V14" />
        <circle className={styles.crosshairHalo} r="9" />
        <path className={styles.crosshairLine} d="M-14 0H-5M5 0H14M0-14V-5M0 5V14" />
        <circle className={styles.crosshairLine} r="9" />
        <circle className={styles.crosshairDot} r="2" />
      </g>
    </g>
  );
}
