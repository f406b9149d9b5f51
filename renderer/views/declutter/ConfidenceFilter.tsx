import { useMemo } from "react";
import type { Filter, Found } from "../../logic/declutter/filter.ts";
import { type ConfidenceBin, confidenceHistogram } from "../../logic/declutter/histogram.ts";
import { shownRun } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Slider } from "../../ui/Slider.tsx";
import styles from "./ConfidenceFilter.module.css";

/** px of the drawing; it stretches to the panel's width. */
const height = 36;
const binWidth = 10;

interface ConfidenceFilterProps {
  readonly found: Found;
  readonly filter: Filter;
}

/** How confident the elements are, and from which confidence on they are shown. */
export function ConfidenceFilter({ found, filter }: ConfidenceFilterProps) {
  const commands = useCommands();
  const runMinimum = useApp((state) => shownRun(state)?.record?.settings.minConfidence ?? 0);
  const { bins, highest } = useMemo(() => confidenceHistogram(found), [found]);
  const minimum = filter.minConfidence ?? runMinimum;
  const belowText = found.belowThreshold.length > 0 ? `, ${found.belowThreshold.length} of them below the run's` : "";
  return (
    <div>
      <svg
        className={styles.histogram}
        viewBox={`0 0 ${bins.length * binWidth} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Confidence of ${found.detections.length + found.belowThreshold.length} elements${belowText} threshold of ${runMinimum}`}
        data-testid="confidence-histogram"
      >
        {bins.map((bin, index) => (
          <Bar key={bin.from} bin={bin} x={index * binWidth} highest={highest} shown={bin.to > minimum} />
        ))}
        <line
          className={styles.threshold}
          x1={runMinimum * bins.length * binWidth}
          x2={runMinimum * bins.length * binWidth}
          y1="0"
          y2={height}
        />
      </svg>
      <Slider
        label="Minimum confidence"
        value={minimum}
        min={0}
        max={1}
        step={0.01}
        valueText={minimum.toFixed(2)}
        testId="confidence-slider"
        onChange={(value) => commands.declutter.setMinConfidence(value === runMinimum ? undefined : value)}
      />
      <p className={styles.caption}>
        <span>
          From <output data-testid="min-confidence">{minimum.toFixed(2)}</output>
        </span>
        <span>run's threshold {runMinimum.toFixed(2)}</span>
      </p>
    </div>
  );
}

interface BarProps {
  readonly bin: ConfidenceBin;
  readonly x: number;
  readonly highest: number;
  readonly shown: boolean;
}

/** Kept elements full, those from below the run's threshold outlined; pale where the slider leaves them out. */
function Bar({ bin, x, highest, shown }: BarProps) {
  const count = bin.kept + bin.below;
  if (count === 0) return null;
  const length = Math.max(2, (count / highest) * height);
  return (
    <rect
      className={bin.kept > 0 ? styles.kept : styles.below}
      data-shown={shown}
      x={x + 1}
      y={height - length}
      width={binWidth - 2}
      height={length}
    >
      <title>{`${count} from ${bin.from.toFixed(2)} to ${bin.to.toFixed(2)}`}</title>
    </rect>
  );
}
