import type { RunRecord } from "../../../../app/contract/index.ts";
import { formatDateTime, plural } from "../../../../app/presentation/numbers.ts";
import type { TimingGroup } from "../../../logic/compare/timing-groups.ts";
import { provenance } from "../../../logic/provenance.ts";
import { noiseMethod, noiseOf, noiseText } from "../../../logic/statistics/noise.ts";
import { counts, wholeTotals } from "../../../logic/statistics/run-figures.ts";
import styles from "./TimesPanel.module.css";

/** Where each group's figures come from, and how far they can be trusted. */
export function GroupSources({ groups }: { readonly groups: readonly TimingGroup[] }) {
  return (
    <section className={styles.sources} aria-label="Where the figures come from">
      <ul>
        {groups.map((group) => (
          <li key={group.key} data-testid="group-source">
            <b>{group.name}</b>: {sourceText(group.records)}
            {group.mixes.length > 0 && (
              <span className={styles.warning}> Mixes {group.mixes.join(", ")}: its medians compare unlike runs.</span>
            )}
            {group.mixes.length === 0 && group.figures.runs > 1 && <Steadiness group={group} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Steadiness({ group }: { readonly group: TimingGroup }) {
  const inOrder = [...group.records].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  const noise = noiseOf(wholeTotals(inOrder));
  return (
    <span className={noise.verdict === "noisy" ? styles.warning : undefined} title={noiseMethod}>
      {" "}
      {noiseText(noise)}
    </span>
  );
}

function sourceText(records: readonly RunRecord[]): string {
  const measured = records.filter(counts);
  const left = records.length - measured.length;
  const leftOut = left === 0 ? "" : ` ${plural(left, "warm-up or unfinished run")} left out.`;
  const [first] = measured;
  if (first === undefined) return `nothing was measured.${leftOut}`;
  const last = measured.reduce((latest, run) => (run.createdAt > latest ? run.createdAt : latest), first.createdAt);
  const until = last === first.createdAt ? "" : ` to ${formatDateTime(last)}`;
  return `${provenance(first)}${until}, ${plural(measured.length, "run")}.${leftOut}`;
}
