import { Bar, BarChart, LabelList, type LabelProps, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { formatAxisMs, formatMs } from "../../model/format.ts";
import { stageTexts } from "../../model/names.ts";
import { type StageRow, sumOfRows } from "../../model/stage-rows.ts";
import { cx } from "../../ui/cx.ts";
import styles from "./StageChart.module.css";

/** CSS px that one letter of a direct label takes, on the safe side. */
const letterWidth = 7.2;
const barHeight = 30;

/** All stages of one run as one stacked bar; segments that are wide enough name themselves. */
export default function StageChart({ rows }: { readonly rows: readonly StageRow[] }) {
  const total = sumOfRows(rows);
  if (total === 0) return <div className={styles.empty} />;
  const bar = Object.fromEntries(rows.map((row) => [row.stage, row.state === "measured" ? row.ms : 0]));
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart
        data={[bar]}
        layout="vertical"
        barSize={barHeight}
        margin={{ top: 2, right: 1, bottom: 0, left: 1 }}
        accessibilityLayer={false}
      >
        <XAxis
          type="number"
          domain={[0, total]}
          height={20}
          tickCount={6}
          tickLine={false}
          axisLine={false}
          interval="preserveStartEnd"
          tickFormatter={(ms: number) => formatAxisMs(ms, total)}
          tick={{ className: styles.axis, fill: "var(--ink-faint)" }}
        />
        <YAxis type="category" hide />
        {rows.map((row) => (
          <Bar
            key={row.stage}
            dataKey={row.stage}
            stackId="run"
            fill={`var(--stage-${row.stage})`}
            isAnimationActive={false}
            className={cx(styles.segment)}
          >
            <LabelList content={(props: LabelProps) => <SegmentLabel row={row} place={props} />} />
          </Bar>
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

/** Name and time if both fit, else the name, else nothing: the table below has all of them. */
function SegmentLabel({ row, place }: { readonly row: StageRow; readonly place: LabelProps }) {
  const box = [place.x, place.y, place.width, place.height].map(Number);
  const [x = 0, y = 0, width = 0, height = 0] = box;
  const name = stageTexts[row.stage].name;
  const text = [`${name} ${formatMs(row.ms)}`, name].find((each) => each.length * letterWidth + 12 <= width);
  if (text === undefined) return null;
  return (
    <text className={styles.label} x={x + width / 2} y={y + height / 2} textAnchor="middle" dominantBaseline="central">
      {text}
    </text>
  );
}
