import { iouRange, type MatchRule } from "../../../app/truth/match.ts";
import { shownDetections } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Checkbox } from "../../ui/Checkbox.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { Slider } from "../../ui/Slider.tsx";
import styles from "./TruthRule.module.css";

const criteria = [
  { value: "iou", text: "overlap (IoU)" },
  { value: "centre", text: "centre in the box" },
] as const satisfies readonly { readonly value: MatchRule["criterion"]; readonly text: string }[];

const how =
  "As the COCO evaluation does: the most confident detection first, each takes the free element it overlaps most.";

/** When a detection counts as right. */
export function TruthRule() {
  const { truth: commands } = useCommands();
  const rule = useApp((state) => state.truth.rule);
  const points = useApp((state) => shownDetections(state).some(({ point }) => point !== undefined));
  const least = rule.minIou.toFixed(2);
  return (
    <section className={styles.rule} aria-label="Matching">
      <SelectField
        label="Match by"
        value={rule.criterion}
        options={criteria}
        onChange={(criterion) => commands.setRule({ criterion })}
        testId="truth-criterion"
        title={how}
      />
      {rule.criterion === "iou" && (
        <div className={styles.threshold}>
          <span className="note">at least</span>
          <Slider
            label="Smallest IoU of a match"
            value={rule.minIou}
            {...iouRange}
            valueText={least}
            testId="truth-iou"
            onChange={(minIou) => commands.setRule({ minIou })}
          />
          <output className={styles.value} data-testid="truth-iou-value">
            {least}
          </output>
        </div>
      )}
      <Checkbox
        checked={rule.sameLabel}
        testId="truth-same-label"
        onChange={(sameLabel) => commands.setRule({ sameLabel })}
      >
        Labels must agree
      </Checkbox>
      {points && rule.criterion === "iou" && (
        <p className={styles.hint}>This run gives click points, which overlap nothing: match by centre.</p>
      )}
    </section>
  );
}
