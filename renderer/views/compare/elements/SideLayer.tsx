import { memo } from "react";
import type { Detection } from "../../../../app/contract/index.ts";
import type { Difference } from "../../../logic/compare/differences.ts";
import styles from "./SideLayer.module.css";

interface SideLayerProps {
  readonly side: "a" | "b";
  readonly differences: readonly Difference[];
  readonly selectedId: string | undefined;
}

/** The boxes of one run in px of the image, in its side's colour; those that differ stand out. */
export const SideLayer = memo(function SideLayer({ side, differences, selectedId }: SideLayerProps) {
  const own = differences.flatMap((difference) => {
    const element = difference[side];
    return element === undefined ? [] : [{ difference, element }];
  });
  return (
    <g data-side={side} className={styles.side}>
      <path className={styles.halo} d={own.map(({ element }) => outline(element)).join("")} />
      {own.map(({ difference, element }) => (
        <path
          key={element.id}
          className={styles.box}
          d={outline(element)}
          data-testid={`box-${side}`}
          data-kind={difference.kind}
          data-selected={difference.id === selectedId}
        />
      ))}
    </g>
  );
});

function outline({ bbox: [x1, y1, x2, y2], point }: Detection): string {
  const box = `M${x1} ${y1}H${x2}V${y2}H${x1}Z`;
  if (point === undefined) return box;
  const [x, y] = point;
  return `${box}M${x - 8} ${y}H${x + 8}M${x} ${y - 8}V${y + 8}`;
}
