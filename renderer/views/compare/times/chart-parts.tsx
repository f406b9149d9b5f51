import { stageNames } from "../../../../app/contract/index.ts";
import type { BarSegment } from "../../../logic/compare/bars.ts";

const keys: readonly BarSegment["key"][] = [...stageNames, "unassigned", "range"];

/** Name of the pattern that fills a reported figure. */
export function hatchOf(chart: string, key: BarSegment["key"]): string {
  return `url(#${chart}-hatch-${key})`;
}

/** Colour of a measured piece. */
export function colorOf(key: BarSegment["key"]): string {
  return key === "unassigned" || key === "range" ? "var(--stage-other)" : `var(--stage-${key})`;
}

/** Patterns for what was reported and not measured here: stripes in the stage's colour. */
export function Hatches({ chart }: { readonly chart: string }) {
  return (
    <defs>
      {keys.map((key) => (
        <pattern
          key={key}
          id={`${chart}-hatch-${key}`}
          width={key === "range" ? 12 : 6}
          height={key === "range" ? 12 : 6}
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="2" height="12" fill={colorOf(key)} />
        </pattern>
      ))}
    </defs>
  );
}

const seriesColors = 8;

/** CSS colour of a series by its place; after the last the first comes again. */
export function seriesColor(index: number): string {
  return `var(--series-${(index % seriesColors) + 1})`;
}
