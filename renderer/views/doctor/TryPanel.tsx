import { useEffect, useRef } from "react";
import type { StageName, TryRow } from "../../../app/contract/index.ts";
import { formatCount, formatMs } from "../../../app/presentation/numbers.ts";
import { ratioText, stageTexts } from "../../../app/presentation/texts.ts";
import { agreementText, losesBoxes } from "../../logic/doctor/doctor-texts.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Table } from "../../ui/Table.tsx";
import evidence from "./Evidence.module.css";
import styles from "./TryPanel.module.css";

const stages = ["encode", "prefill", "generate"] as const satisfies readonly StageName[];

/** The remedies measured on the open screenshot: time, and what became of the boxes. */
export function TryPanel({ blocked }: { readonly blocked: string | undefined }) {
  const { doctor } = useCommands();
  const { rows, job, trial } = useApp((state) => state.doctor);
  const panel = useRef<HTMLElement>(null);
  const trying = job?.kind === "try";
  // It may be started from a finding far above; the rows come here.
  useEffect(() => {
    if (trying) panel.current?.scrollIntoView({ block: "nearest" });
  }, [trying]);
  return (
    <section ref={panel} className={styles.panel} aria-label="Remedies">
      <header className={styles.head}>
        <h3 className="heading">Remedies, measured</h3>
        <Button
          disabled={blocked !== undefined}
          title={blocked}
          data-testid="doctor-try"
          onClick={() => void doctor.try()}
        >
          Try remedies
        </Button>
      </header>
      {rows.length === 0 ? (
        <p className={styles.note}>
          {trying
            ? "Measuring: rows appear as they are done."
            : "Runs each remedy several times on the open screenshot, in rounds with the present choices. Takes minutes; other detections wait."}
        </p>
      ) : (
        <>
          <TryTable rows={rows} />
          <p className={styles.note}>
            Medians; in brackets the 5th to 95th percentile. F1 counts boxes that overlap the baseline's with an IoU of
            at least 0.5. {trial === undefined && job === undefined && "The measurement did not come to its end."}
          </p>
        </>
      )}
    </section>
  );
}

function TryTable({ rows }: { readonly rows: readonly TryRow[] }) {
  const heads = ["Remedy", "Image tokens", ...stages.map((stage) => stageTexts[stage].name)];
  return (
    <Table
      className={evidence.table}
      heads={[...heads, "Total", "Against the baseline", "F1 of the boxes"]}
      frame="Table of remedies"
      testId="try-table"
    >
      {rows.map((row) => (
        <tr key={row.id} data-testid="try-row" data-id={row.id} title={row.source.detail}>
          <th scope="row">{row.label}</th>
          {row.status === "done" ? (
            <Figures row={row} />
          ) : (
            <td colSpan={7} className={evidence.text}>{`${row.status}: ${row.reason ?? ""}`}</td>
          )}
        </tr>
      ))}
    </Table>
  );
}

function Figures({ row }: { readonly row: TryRow }) {
  const time = (ms: number | undefined) => (ms === undefined ? "–" : formatMs(ms));
  return (
    <>
      <td>{row.tokens === undefined ? "–" : formatCount(row.tokens.image)}</td>
      {stages.map((stage) => (
        <td key={stage}>{time(row.stages[stage]?.median)}</td>
      ))}
      <td>{time(row.total?.median)}</td>
      <td>{ratioText(row)}</td>
      <td className={losesBoxes(row) ? styles.loses : undefined}>{agreementText(row)}</td>
    </>
  );
}
