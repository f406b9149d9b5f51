import { formatCount } from "../../../app/presentation/numbers.ts";
import type { Counts } from "../../../app/truth/metrics.ts";
import { type Outcome, outcomes } from "../../store/truth-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import { Icon } from "../../ui/Icon.tsx";
import { outcomeTexts } from "./outcome-texts.ts";
import outcomeStyles from "./outcomes.module.css";
import styles from "./TruthLegend.module.css";

/** What the boxes' patterns mean, how many there are of each, and a switch for each. */
export function TruthLegend({ metrics }: { readonly metrics: Counts }) {
  const { truth: commands } = useCommands();
  const hidden = useApp((state) => state.truth.hidden);
  return (
    <fieldset className={styles.legend}>
      <legend className="visually-hidden">Boxes on the screenshot</legend>
      {outcomes.map((outcome) => (
        <button
          key={outcome}
          type="button"
          className={styles.entry}
          aria-pressed={!hidden.includes(outcome)}
          title={`${outcomeTexts[outcome].name}: ${outcomeTexts[outcome].meaning}`}
          data-testid={`legend-${outcome}`}
          onClick={() => commands.toggleOutcome(outcome)}
        >
          <OutcomeSwatch outcome={outcome} />
          <span className={styles.name}>{outcomeTexts[outcome].name}</span>
          <b className={styles.count}>{formatCount(metrics[outcome])}</b>
          <Icon name={hidden.includes(outcome) ? "eyeOff" : "eye"} />
        </button>
      ))}
    </fieldset>
  );
}

/** A small box as it is drawn upon the screenshot. */
export function OutcomeSwatch({ outcome }: { readonly outcome: Outcome }) {
  return (
    <svg className={styles.swatch} width="26" height="16" aria-hidden="true">
      <rect className={cx(outcomeStyles.line, outcomeStyles[outcome])} x="2" y="2" width="22" height="12" />
    </svg>
  );
}
