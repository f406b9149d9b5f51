import { Bar, BarChart, LabelList, type LabelProps, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { formatMs } from "../../../app/presentation/numbers.ts";
import { stageLabel } from "../../../app/presentation/stages.ts";
import { type StageRow, sumOfRows } from "../../logic/stage-rows.ts";
import { letterWidth, stackAxis } from "../../ui/chart-axes.ts";
import styles from "./StageChart.module.css";

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
        <XAxis {...stackAxis(total)} height={20} />
        <YAxis type="category" hide />
        {rows.map((row) => (
          <Bar
            key={row.stage}
            dataKey={row.stage}
            stackId="run"
            fill={`var(--stage-${row.stage})`}
            isAnimationActive={false}
            className={styles.segment ?? ""}
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
  const name = stageLabel(row);
  const text = [`${name} ${formatMs(row.ms)}`, name].find((each) => each.length * letterWidth + 12 <= width);
  if (text === undefined) return null;
  return (
    <text className={styles.label} x={x + width / 2} y={y + height / 2} textAnchor="middle" dominantBaseline="central">
      {text}
    </text>
  );
}
