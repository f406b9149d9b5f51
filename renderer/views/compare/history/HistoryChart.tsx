import { CartesianGrid, Line, LineChart, ResponsiveContainer, XAxis, YAxis } from "recharts";
import type { HistoryPoint } from "../../../logic/compare/history.ts";
import { nameAxis, timeAxis } from "../../../ui/chart-axes.ts";
import styles from "./HistoryPanel.module.css";

const dayMs = 86_400_000;

/** Times by date, oldest on the left; the axis starts at zero, so that heights compare. */
export function HistoryChart({ points }: { readonly points: readonly HistoryPoint[] }) {
  const longest = Math.max(...points.map(({ ms }) => ms));
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const pad = Math.max((last - first) * 0.03, 1000);
  return (
    <figure className={styles.chart} aria-label="Times of one configuration by date" data-testid="history-chart">
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={[...points]} margin={{ top: 10, right: 12, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--border)" />
          <XAxis
            dataKey="at"
            type="number"
            scale="time"
            domain={[first - pad, last + pad]}
            tickCount={5}
            minTickGap={30}
            tickFormatter={(at: number) => dateText(at, last - first)}
            {...nameAxis}
          />
          <YAxis {...timeAxis(longest)} width={58} domain={[0, "auto"]} />
          <Line
            dataKey="ms"
            type="linear"
            stroke="var(--series-1)"
            strokeWidth={2}
            dot={{ r: 4, fill: "var(--series-1)", strokeWidth: 0 }}
            isAnimationActive={false}
          />
        </LineChart>
      </ResponsiveContainer>
    </figure>
  );
}

/** Dates for days and more, times of day below. */
function dateText(at: number, rangeMs: number): string {
  const date = new Date(at);
  return rangeMs >= 2 * dayMs
    ? date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" })
    : date.toLocaleTimeString("en-GB");
}
