import { useMemo } from "react";
import { measuredBar, reportedBar } from "../../../model/compare/bars.ts";
import { reportedRows } from "../../../model/compare/reported.ts";
import { timingGroups } from "../../../model/compare/timing-groups.ts";
import { useApp } from "../../../store/use-app.tsx";
import { FiguresTable } from "./FiguresTable.tsx";
import { GroupedChart } from "./GroupedChart.tsx";
import { GroupSources } from "./GroupSources.tsx";
import { StackedChart } from "./StackedChart.tsx";
import { TimesControls } from "./TimesControls.tsx";
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
