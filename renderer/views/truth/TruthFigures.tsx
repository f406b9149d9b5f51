import { absenceOf, figureMeanings, figureNames, figureOrder, formatFigure } from "../../../app/truth/figure-text.ts";
import type { Metrics } from "../../../app/truth/metrics.ts";
import styles from "./TruthFigures.module.css";

/** Precision, recall, F1 and mean IoU; a figure without a meaning says why. */
export function TruthFigures({ metrics }: { readonly metrics: Metrics }) {
  return (
    <dl className={styles.figures} data-testid="truth-figures">
      {figureOrder.map((name) => (
        <div key={name} className={styles.figure} title={figureMeanings[name]} data-testid={`figure-${name}`}>
          <dt>{figureNames[name]}</dt>
          <dd className={styles.value}>{formatFigure(metrics[name])}</dd>
          {absenceOf(metrics, name) !== undefined && <dd className={styles.absence}>{absenceOf(metrics, name)}</dd>}
        </div>
      ))}
    </dl>
  );
}
