import { reportedMark } from "../../../model/compare/reported.ts";
import { groupings, groupingTexts, type TimingGroup } from "../../../model/compare/timing-groups.ts";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import { Checkbox } from "../../../ui/Checkbox.tsx";
import { SelectField } from "../../../ui/SelectField.tsx";
import styles from "./TimesControls.module.css";

interface TimesControlsProps {
  readonly groups: readonly TimingGroup[];
  readonly baseline: TimingGroup;
}

/** What is taken together, what it is measured against, and whether the report's figures stand beside it. */
export function TimesControls({ groups, baseline }: TimesControlsProps) {
  const commands = useCommands();
  const grouping = useApp((state) => state.compare.grouping);
  const reported = useApp((state) => state.compare.reported);
  return (
    <div className={styles.bar}>
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
