import { useMemo } from "react";
import { measuredBar, reportedBar } from "../../../logic/compare/bars.ts";
import { reportedMark, reportedRows } from "../../../logic/compare/reported.ts";
import { groupings, groupingTexts, type TimingGroup, timingGroups } from "../../../logic/compare/timing-groups.ts";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import { Checkbox } from "../../../ui/Checkbox.tsx";
import { SelectField } from "../../../ui/SelectField.tsx";
import { FiguresTable } from "./FiguresTable.tsx";
import { GroupedChart } from "./GroupedChart.tsx";
import { GroupSources } from "./GroupSources.tsx";
import { StackedChart } from "./StackedChart.tsx";
import styles from "./TimesPanel.module.css";

/** How long the compared runs took, group against group. */
export default function TimesPanel() {
  const records = useApp((state) => state.compare.records);
  const grouping = useApp((state) => state.compare.grouping);
  const reported = useApp((state) => state.compare.reported);
  const chosenBaseline = useApp((state) => state.compare.baseline);
  const groups = useMemo(() => timingGroups(records, grouping), [records, grouping]);
  const baseline = groups.find(({ key }) => key === chosenBaseline) ?? groups[0];
  const bars = useMemo(
    () => [...groups.map(measuredBar), ...(reported ? reportedRows.map(reportedBar) : [])],
    [groups, reported],
  );
  if (baseline === undefined) return null;
  return (
    <>
      <TimesControls groups={groups} baseline={baseline} />
      <div className={styles.scroll}>
        <section className={styles.part}>
          <h3 className={styles.title}>From start to end</h3>
          <StackedChart bars={bars} />
          <p className={styles.note}>
            Each piece is the median of its stage; medians need not add up to the median total. Reused stages have no
            length and count nowhere.
          </p>
        </section>
        <section className={styles.part}>
          <h3 className={styles.title}>Stage by stage</h3>
          <GroupedChart groups={groups} baseline={baseline} reported={reported} />
          <p className={styles.note}>
            Bars are medians, whiskers reach from p5 to p95, figures above are times the baseline ({baseline.name}).
          </p>
          <FiguresTable groups={groups} baseline={baseline} reported={reported} />
        </section>
        <GroupSources groups={groups} />
      </div>
    </>
  );
}

interface TimesControlsProps {
  readonly groups: readonly TimingGroup[];
  readonly baseline: TimingGroup;
}

/** What is taken together, what it is measured against, and whether the report's figures stand beside it. */
function TimesControls({ groups, baseline }: TimesControlsProps) {
  const commands = useCommands();
  const grouping = useApp((state) => state.compare.grouping);
  const reported = useApp((state) => state.compare.reported);
  return (
    <div className={styles.controls}>
      <SelectField
        label="Group by"
        value={grouping}
        options={groupings.map((value) => ({ value, text: groupingTexts[value] }))}
        testId="compare-grouping"
        onChange={(value) => commands.compare.look({ grouping: value, baseline: undefined })}
      />
      <SelectField
        label="Baseline"
        value={baseline.key}
        options={groups.map(({ key, name }) => ({ value: key, text: name }))}
        testId="compare-baseline"
        onChange={(key) => commands.compare.look({ baseline: key })}
      />
      <Checkbox
        checked={reported}
        testId="compare-reported"
        onChange={(checked) => commands.compare.look({ reported: checked })}
      >
        The first report's figures ({reportedMark})
      </Checkbox>
    </div>
  );
}
