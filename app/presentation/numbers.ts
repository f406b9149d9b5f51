import type { Size } from "../contract/index.ts";

/**
 * Numbers as every door shows them. A thin space would be prettier between number and unit, but a plain one copies
 * better.
 */

/** ms: "0.4 ms", "12.3 ms", "340 ms", "1.72 s", "21.0 s". Three figures; never "0 ms" for what took time. */
export function formatMs(ms: number): string {
  if (ms < 0.05) return ms > 0 ? "<0.1 ms" : "0 ms";
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** ms on an axis that ends at `endMs`: all figures of one axis have the same unit. */
export function formatAxisMs(ms: number, endMs: number): string {
  if (ms === 0) return "0";
  if (endMs >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return endMs >= 100 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** Fraction 0..1 as percent: "81.6 %", "<0.1 %". */
export function formatShare(fraction: number): string {
  if (fraction > 0 && fraction < 0.0005) return "<0.1 %";
  return `${(fraction * 100).toFixed(1)} %`;
}

/** Tokens per second: "1,146", "12.4". */
export function formatRate(perSecond: number): string {
  if (perSecond >= 100) return formatCount(Math.round(perSecond));
  return perSecond.toFixed(1);
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** "1,920 × 1,080 px". */
export function formatSize({ width, height }: Size): string {
  return `${formatCount(width)} × ${formatCount(height)} px`;
}

/** Bytes in decimal units, as file managers show them: "21.2 MB". What rounds to 1000 has the next unit. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A coordinate or length in px: whole numbers plain, others with one decimal. */
export function formatPx(px: number): string {
  const rounded = Math.round(px * 10) / 10;
  return Number.isInteger(rounded) ? String(rounded) : rounded.toFixed(1);
}

/** Confidence 0..1 with two decimals; never rounded up to 1. */
export function formatConfidence(confidence: number): string {
  return confidence < 1 ? Math.min(confidence, 0.994).toFixed(2) : "1.00";
}

/** "1 element", "24 elements". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Local date and time of an ISO timestamp, to the second. */
export function formatDateTime(iso: string): string {
  return new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** How many times as much: "0.25×", "1.8×", "14×". */
export function formatRatio(ratio: number): string {
  return `${ratio.toFixed(ratio < 1 ? 2 : ratio < 10 ? 1 : 0)}×`;
}

/** A time to wait, in ms: "12 s", "3 min", "2 h 10 min". Coarse on purpose: it is an estimate. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
