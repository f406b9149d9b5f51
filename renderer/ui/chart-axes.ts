import { formatAxisMs } from "../../app/presentation/numbers.ts";

/** CSS px that a letter of a chart's label takes: rather too many than too few. */
export const letterWidth = 7.2;

/** Props of an axis of names or dates. */
export const nameAxis = {
  tickLine: false,
  axisLine: { stroke: "var(--border-control)" },
  tick: { className: "axis-text", fill: "var(--ink-soft)" },
} as const;

/** Props of an axis of times whose longest is `longestMs`. */
export function timeAxis(longestMs: number) {
  return {
    tickLine: false,
    axisLine: false,
    tickFormatter: (ms: number) => formatAxisMs(ms, longestMs),
    tick: { className: "axis-text", fill: "var(--ink-faint)" },
  } as const;
}

/** Props of the horizontal axis below stacked bars, which ends at `endMs`. */
export function stackAxis(endMs: number) {
  const domain: [number, number] = [0, endMs];
  return { ...timeAxis(endMs), type: "number", domain, tickCount: 6, interval: "preserveStartEnd" } as const;
}
