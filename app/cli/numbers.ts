export { formatBytes } from "../host/format-bytes.ts";

/** ms for reading: two decimals below 10, one above. */
export function formatMs(ms: number): string {
  return ms.toFixed(ms < 10 ? 2 : 1);
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Tokens per second, or nothing where there is no time to divide by. */
export function formatRate(tokens: number, ms: number): string {
  if (tokens === 0 || ms <= 0) return "";
  const rate = (tokens * 1000) / ms;
  return `${rate.toFixed(rate < 10 ? 1 : 0)} tokens/s`;
}

/** px with one decimal. */
export function formatPx(px: number): string {
  return px.toFixed(1);
}

/** Seconds as people say them: "40 s", "3 min", "2 h 5 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
