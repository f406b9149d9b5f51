import { Bar, BarChart, type BarShapeProps, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { stageNames } from "../../../../app/contract/index.ts";
import { formatMs, plural } from "../../../../app/presentation/numbers.ts";
import { stageTexts } from "../../../../app/presentation/texts.ts";
import { type BarSegment, longestBar, type StackedBar, segmentMs } from "../../../logic/compare/bars.ts";
import { reportedMark } from "../../../logic/compare/reported.ts";
import { letterWidth, stackAxis } from "../../../ui/chart-axes.ts";
import { colorOf, Hatches, hatchOf } from "./chart-parts.tsx";
import styles from "./TimesPanel.module.css";

const chart = "stacked";
const rowHeight = 30;
const barHeight = 20;
const keys: readonly BarSegment["key"][] = [...stageNames, "unassigned", "range"];

/** One stacked bar for each group: all of them on one scale. Names and totals stand in HTML beside the bars. */
export function StackedChart({ bars }: { readonly bars: readonly StackedBar[] }) {
  const end = longestBar(bars);
  return (
    <figure className={styles.stacked} aria-label="Stages of each group as stacked bars">
      <ol>
        {bars.map((bar) => (
          <li key={bar.key} className={styles.name} title={bar.name} data-testid="stacked-row" data-source={bar.source}>
            {bar.name}
          </li>
        ))}
      </ol>
      <div style={{ height: bars.length * rowHeight + 22 }}>
        <ResponsiveContainer width="100%" height="100%">
          <BarChart
            data={bars.map((bar, index) => ({ bar, index }))}
            layout="vertical"
            barSize={barHeight}
            margin={{ top: 0, right: 1, bottom: 0, left: 1 }}
            accessibilityLayer={false}
          >
            <Hatches chart={chart} />
            <XAxis {...stackAxis(end)} height={22} />
            <YAxis type="category" dataKey="index" hide />
            {keys.map((key) => (
              <Bar
                key={key}
                dataKey={(row: { readonly bar: StackedBar }) => segmentMs(row.bar, key)}
                stackId="run"
                isAnimationActive={false}
                shape={(props: BarShapeProps) => <Piece segment={key} bar={bars[props.index]} place={props} />}
              />
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <ol>
        {bars.map((bar) => (
          <li key={bar.key} className={styles.total} data-testid="stacked-total" data-group={bar.name}>
            <b>{totalText(bar)}</b> <span className="soft">{sourceText(bar)}</span>
          </li>
        ))}
      </ol>
      <ul className={styles.legend} aria-label="Stages">
        {stageNames
          .filter((stage) => bars.some(({ segments }) => segments.some(({ key }) => key === stage)))
          .map((stage) => (
            <li key={stage}>
              <span className="swatch" style={{ backgroundColor: colorOf(stage) }} />
              {stageTexts[stage].name}
            </li>
          ))}
      </ul>
    </figure>
  );
}

interface PieceProps {
  readonly segment: BarSegment["key"];
  readonly bar: StackedBar | undefined;
  readonly place: BarShapeProps;
}

/** A stage of one group; it carries its time if that fits. */
function Piece({ segment, bar, place }: PieceProps) {
  const { x, y, width, height } = place;
  if (bar === undefined || width <= 0) return null;
  const reported = bar.source === "reported";
  const text = formatMs(segmentMs(bar, segment));
  return (
    <g>
      <rect
        className={styles.piece}
        x={x}
        y={y}
        width={width}
        height={height}
        fill={reported ? hatchOf(chart, segment) : colorOf(segment)}
        stroke={reported ? colorOf(segment) : undefined}
      />
      {!reported && text.length * letterWidth + 8 <= width && (
        <text className={styles.label} x={x + width / 2} y={y + height / 2} textAnchor="middle" dy="0.35em">
          {text}
        </text>
      )}
    </g>
  );
}

function totalText({ total }: StackedBar): string {
  if (total === undefined) return "no whole run";
  const [low, high] = total;
  return low === high ? formatMs(low) : `${formatMs(low)} – ${formatMs(high)}`;
}

/** How many runs the total rests on. A run that reused a stage has no whole total. */
function sourceText({ source, runs, wholeRuns, reused }: StackedBar): string {
  if (source === "reported") return reportedMark;
  if (reused.length === 0 && wholeRuns < runs) {
    return `${wholeRuns} of ${plural(runs, "run")}; ${runs - wholeRuns} overlapped the run before`;
  }
  if (reused.length === 0) return `${runs > 1 ? "median of " : ""}${plural(runs, "run")}`;
  const stages = reused.map((stage) => stageTexts[stage].name).join(", ");
  return `${wholeRuns} of ${plural(runs, "run")}; ${runs - wholeRuns} reused ${stages}`;
}
