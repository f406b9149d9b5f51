import type { StageOperators } from "../../../app/contract/index.ts";
import { formatMs, formatShare, plural } from "../../../app/presentation/numbers.ts";
import { stageTexts } from "../../../app/presentation/texts.ts";
import { categoryRows, outsideText, overheadText } from "../../logic/operators/rows.ts";
import { categoryColors } from "./category-colors.ts";
import styles from "./OperatorsView.module.css";

/** Share from which a segment names itself. */
const namedFrom = 0.1;

/** One bar for each stage, cut by category; each bar is the whole of its stage's node time. */
export function StageBars({ stages }: { readonly stages: readonly StageOperators[] }) {
  return (
    <section className={styles.card} aria-label="Shares by category">
      <h3 className={styles.title}>Share of node time by category</h3>
      {stages.map((stage) => (
        <figure key={stage.stage} className={styles.stage} data-testid="operators-stage" data-stage={stage.stage}>
          <figcaption className={styles.name}>
            <span>{stageTexts[stage.stage].name}</span>
            <strong className="figures" data-testid="operators-true-time">
              {stage.unprofiledMs === undefined ? "not run" : formatMs(stage.unprofiledMs)}
            </strong>
          </figcaption>
          <div className={styles.bar} role="img" aria-label={barText(stage)}>
            {categoryRows(stage).map(({ category, name, share }) => (
              <span
                key={category}
                className={styles.segment}
                style={{ ...categoryColors(category), width: `${share * 100}%` }}
                title={`${name}: ${formatShare(share)}`}
              >
                {share >= namedFrom && `${name} ${formatShare(share)}`}
              </span>
            ))}
          </div>
          <p className={styles.overhead} data-testid="operators-overhead">
            {[plural(stage.nodes, "node"), overheadText(stage), outsideText(stage)]
              .filter((text) => text !== undefined)
              .join(" · ")}
          </p>
        </figure>
      ))}
    </section>
  );
}

function barText(stage: StageOperators): string {
  const parts = categoryRows(stage).map(({ name, share }) => `${name} ${formatShare(share)}`);
  return `${stageTexts[stage.stage].name}: ${parts.join(", ")}`;
}
