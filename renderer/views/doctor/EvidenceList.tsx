import type { Evidence, Source } from "../../../app/contract/index.ts";
import { sourceText, topicTexts } from "../../../app/presentation/texts.ts";
import { evidenceByTopic } from "../../logic/doctor/doctor-texts.ts";
import styles from "./Evidence.module.css";

/** Facts by topic, each with where it was read. */
export function EvidenceList({ evidence }: { readonly evidence: readonly Evidence[] }) {
  return evidenceByTopic(evidence).map(({ topic, facts }) => (
    <section key={topic} className={styles.card} aria-label={topicTexts[topic]}>
      <h4 className={styles.title}>{topicTexts[topic]}</h4>
      <dl>
        {facts.map(({ id, label, value, source }) => (
          <div key={id} className={styles.fact} data-testid="evidence" data-id={id}>
            <dt>{label}</dt>
            <dd>
              <span className={styles.value}>{value}</span>
              <SourceLine source={source} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  ));
}

/** Where something was read, small. */
export function SourceLine({ source }: { readonly source: Source }) {
  return (
    <span className={styles.source} data-testid="source">
      {sourceText(source)}
    </span>
  );
}
