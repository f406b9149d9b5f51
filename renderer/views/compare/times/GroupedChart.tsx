import { Bar, BarChart, type BarShapeProps, ErrorBar, LabelList, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { type StageName, stageNames } from "../../../../app/contract/index.ts";
import { formatRatio } from "../../../../app/presentation/numbers.ts";
import { stageTexts } from "../../../../app/presentation/texts.ts";
import { reportedMark, reportedRows } from "../../../logic/compare/reported.ts";
import { ratioTo, type TimingGroup } from "../../../logic/compare/timing-groups.ts";
import { nameAxis, timeAxis } from "../../../ui/chart-axes.ts";
import { cx } from "../../../ui/cx.ts";
import { Hatches, hatchOf, seriesColor } from "./chart-parts.tsx";
import styles from "./TimesPanel.module.css";

interface GroupedChartProps {
  readonly groups: readonly TimingGroup[];
  readonly baseline: TimingGroup;
  readonly reported: boolean;
}

interface StageRow {
  readonly stage: StageName;
}

const chart = "grouped";
const byStage = reportedRows.filter(({ parts }) => parts.length > 0);

/** For each stage one bar of each group, with the ratio to the baseline above it. */
export function GroupedChart({ groups, baseline, reported }: GroupedChartProps) {
  const data: readonly StageRow[] = stageNames
    .filter((stage) => groups.some(({ figures }) => figures.stages[stage].measured !== undefined))
    .map((stage) => ({ stage }));
  const medianOf = (group: TimingGroup, { stage }: StageRow) => group.figures.stages[stage].measured?.median;
  const references = reported ? byStage : [];
  return (
    <figure aria-label="Stages of all groups side by side; the table below has the figures">
      <div className={styles.grouped}>
        <ResponsiveContainer width="100%" height="100%">
          <BarChart
            data={[...data]}
            margin={{ top: 18, right: 4, bottom: 0, left: 0 }}
            barGap={2}
            maxBarSize={44}
            accessibilityLayer={false}
          >
            <Hatches chart={chart} />
            <XAxis {...nameAxis} dataKey={({ stage }: StageRow) => stageTexts[stage].name} interval={0} />
            <YAxis {...timeAxis(longest(groups, references.length > 0))} width={58} />
            {groups.map((group, index) => (
              <Bar
                key={group.key}
                dataKey={(row: StageRow) => medianOf(group, row)}
                fill={seriesColor(index)}
                isAnimationActive={false}
              >
                <ErrorBar
                  dataKey={(row: StageRow) => reachOf(group, row)}
                  width={5}
                  strokeWidth={1.5}
                  stroke="var(--ink)"
                  isAnimationActive={false}
                />
                {group.key !== baseline.key && (
                  <LabelList
                    position="top"
                    offset={8}
                    className={styles.ratio}
                    valueAccessor={(_entry, place) => ratioText(baseline, group, data[place])}
                  />
                )}
              </Bar>
            ))}
            {references.map((row) => (
              <Bar
                key={row.key}
                dataKey={({ stage }: StageRow) => row.parts.find(({ stages }) => stages[0] === stage)?.ms}
                isAnimationActive={false}
                shape={(props: BarShapeProps) => (
                  <rect
                    x={props.x}
                    y={props.y}
                    width={props.width}
                    height={props.height}
                    fill={hatchOf(chart, "other")}
                    stroke="var(--stage-other)"
                    data-testid="reported-bar"
                  />
                )}
              />
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <ul className={styles.legend} aria-label="Groups">
        {groups.map((group, index) => (
          <li key={group.key}>
            <span className={styles.key} style={{ backgroundColor: seriesColor(index) }} />
            {group.name}
            {group.key === baseline.key && " (baseline)"}
          </li>
        ))}
        {references.map((row) => (
          <li key={row.key}>
            <span className={cx(styles.key, styles.hatched)} />
            {row.name}, {reportedMark}; its Decode holds Preprocess too
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** ms below and above the median for the whisker; none for a single run. */
function reachOf(group: TimingGroup, { stage }: StageRow): [number, number] | undefined {
  const spread = group.figures.stages[stage].measured;
  if (spread === undefined || spread.n < 2) return undefined;
  return [spread.median - spread.p5, spread.p95 - spread.median];
}

function ratioText(baseline: TimingGroup, group: TimingGroup, row: StageRow | undefined): string | undefined {
  if (row === undefined) return undefined;
  const ratio = ratioTo(baseline.figures.stages[row.stage], group.figures.stages[row.stage]);
  return ratio === undefined ? undefined : formatRatio(ratio);
}

/** ms of the highest bar, so that all figures of the axis have one unit. */
function longest(groups: readonly TimingGroup[], reported: boolean): number {
  const measured = groups.flatMap(({ figures }) => stageNames.map((stage) => figures.stages[stage].measured?.p95 ?? 0));
  const references = reported ? byStage.flatMap(({ parts }) => parts.map(({ ms }) => ms)) : [];
  return Math.max(0, ...measured, ...references);
}
