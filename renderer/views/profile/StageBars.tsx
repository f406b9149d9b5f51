import type { StageProfile } from "../../../app/contract/index.ts";
import { formatMs, formatShare, plural } from "../../model/format.ts";
import { stageTexts } from "../../model/names.ts";
import { outsideText, overheadText, segmentsOf } from "../../model/op-profile/profile-rows.ts";
import categories from "./categories.module.css";
import styles from "./StageBars.module.css";

/** Share from which a segment names itself. */
const namedFrom = 0.1;

/** One bar for each stage, cut by category; each bar is the whole of its stage's node time. */
export function StageBars({ stages }: { readonly stages: readonly StageProfile[] }) {
  return (
    <section className={styles.card} aria-label="Shares by category">
      <h3 className={styles.title}>Share of node time by category</h3>
      {stages.map((stage) => (
        <figure key={stage.stage} className={styles.row} data-testid="profile-stage" data-stage={stage.stage}>
          <figcaption className={styles.name}>
            <span>{stageTexts[stage.stage].name}</span>
            <strong className={styles.time} data-testid="profile-true-time">
              {stage.unprofiledMs === undefined ? "not run" : formatMs(stage.unprofiledMs)}
            </strong>
          </figcaption>
          <div className={styles.bar} role="img" aria-label={barText(stage)}>
            {segmentsOf(stage).map(({ category, name, share }) => (
              <span
                key={category}
                className={`${styles.segment} ${categories.fill}`}
                data-category={category}
                style={{ width: `${share * 100}%` }}
                title={`${name}: ${formatShare(share)}`}
              >
                {share >= namedFrom && `${name} ${formatShare(share)}`}
              </span>
            ))}
          </div>
          <p className={styles.note} data-testid="profile-overhead">
            {[plural(stage.nodes, "node"), overheadText(stage), outsideText(stage)]
              .filter((text) => text !== undefined)
              .join(" · ")}
          </p>
        </figure>
      ))}
    </section>
  );
}

function barText(stage: StageProfile): string {
  const parts = segmentsOf(stage).map(({ name, share }) => `${name} ${formatShare(share)}`);
  return `${stageTexts[stage.stage].name}: ${parts.join(", ")}`;
}
