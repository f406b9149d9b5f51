import { groups } from "d3-array";
import { useEffect, useMemo } from "react";
import { type StageName, stageNames } from "../../../../app/contract/index.ts";
import { formatMs, plural } from "../../../../app/presentation/numbers.ts";
import { spreadOf } from "../../../../app/presentation/spread.ts";
import { stageTexts } from "../../../../app/presentation/texts.ts";
import { configurationKey } from "../../../logic/compare/configuration.ts";
import { historyOf } from "../../../logic/compare/history.ts";
import { runNames } from "../../../logic/compare/run-names.ts";
import { provenance } from "../../../logic/provenance.ts";
import { historyLimit } from "../../../store/commands/compare.ts";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import { SelectField } from "../../../ui/SelectField.tsx";
import { HistoryChart } from "./HistoryChart.tsx";
import styles from "./HistoryPanel.module.css";
import { HistoryTable } from "./HistoryTable.tsx";

const measures: readonly { readonly value: StageName | "total"; readonly text: string }[] = [
  { value: "total", text: "Total" },
  ...stageNames.map((stage) => ({ value: stage, text: stageTexts[stage].name })),
];

/** One configuration over time: the same image, machine, backend, model and settings, whatever the version. */
export default function HistoryPanel() {
  const commands = useCommands();
  const compared = useApp((state) => state.compare.records);
  const { records, like, what } = useApp((state) => state.compare.history);
  const configurations = useMemo(
    () => groups(compared, configurationKey).flatMap(([, [first]]) => first ?? []),
    [compared],
  );
  const chosen = configurations.find(({ id }) => id === like) ?? configurations[0];
  const points = useMemo(
    () => (chosen === undefined ? [] : historyOf(records ?? [], chosen, what)),
    [records, chosen, what],
  );
  useEffect(() => {
    void commands.compare.loadHistory();
  }, [commands]);
  if (chosen === undefined) return null;
  const names = runNames(configurations);
  const spread = spreadOf(points.map(({ ms }) => ms));
  return (
    <div className={styles.panel}>
      <div className={styles.controls}>
        <SelectField
          label="Configuration of"
          value={chosen.id}
          options={configurations.map(({ id }) => ({ value: id, text: names.get(id) ?? id }))}
          testId="history-configuration"
          onChange={(id) => commands.compare.lookAtHistory({ like: id })}
        />
        <SelectField
          label="Time of"
          value={what}
          options={measures}
          testId="history-what"
          onChange={(value) => commands.compare.lookAtHistory({ what: value })}
        />
        {spread !== undefined && (
          <p className="tabular" data-testid="history-summary">
            {plural(spread.n, "run")}, median {formatMs(spread.median)}, p5 – p95 {formatMs(spread.p5)} –{" "}
            {formatMs(spread.p95)}
          </p>
        )}
      </div>
      {records === undefined ? (
        <p className={styles.blank}>Reading the runs of this image…</p>
      ) : points.length === 0 ? (
        <p className={styles.blank}>No finished run of this configuration measured it: reused stages have no time.</p>
      ) : (
        <>
          <HistoryChart points={points} />
          <HistoryTable points={points} />
        </>
      )}
      <p className={styles.note}>
        {provenance(chosen)}. The newest {historyLimit} runs of the image are looked through; reused stages, warm-ups
        and unfinished runs are left out.
      </p>
    </div>
  );
}
