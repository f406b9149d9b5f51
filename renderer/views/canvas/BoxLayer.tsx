import { memo } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { labelColor } from "../../model/label-colors.ts";
import styles from "./BoxLayer.module.css";

interface BoxLayerProps {
  readonly detections: readonly Detection[];
  readonly selectedId: string | undefined;
  readonly hoveredId: string | undefined;
}

/** Boxes and points in px of the image; the group around them scales, strokes and crosshairs do not. */
export const BoxLayer = memo(function BoxLayer({ detections, selectedId, hoveredId }: BoxLayerProps) {
  const halo = detections.map(({ bbox: [x1, y1, x2, y2] }) => `M${x1} ${y1}H${x2}V${y2}H${x1}Z`).join("");
  return (
    <>
      <path className={styles.halo} d={halo} />
      {detections.map((detection) => (
        <Box
          key={detection.id}
          detection={detection}
          selected={detection.id === selectedId}
          hovered={detection.id === hoveredId}
        />
      ))}
      {detections.map((detection) => detection.point && <Crosshair key={detection.id} detection={detection} />)}
    </>
  );
});

interface BoxProps {
  readonly detection: Detection;
  readonly selected: boolean;
  readonly hovered: boolean;
}

const Box = memo(function Box({ detection, selected, hovered }: BoxProps) {
  const [x1, y1, x2, y2] = detection.bbox;
  return (
    <rect
      className={styles.box}
      x={x1}
      y={y1}
      width={Math.max(0, x2 - x1)}
      height={Math.max(0, y2 - y1)}
      color={labelColor(detection.label)}
      data-testid="box"
      data-element={detection.id}
      data-label={detection.label}
      data-selected={selected}
      data-hovered={hovered}
    />
  );
});

function Crosshair({ detection }: { readonly detection: Detection }) {
  if (detection.point === undefined) return null;
  const [x, y] = detection.point;
  return (
    <g transform={`translate(${x} ${y})`} color={labelColor(detection.label)} data-testid="point">
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
