import { useEffect, useRef } from "react";
import type { StageName, TryRow } from "../../../app/contract/index.ts";
import { agreementText, losesBoxes, ratioText } from "../../model/doctor/doctor-texts.ts";
import { formatCount, formatMs } from "../../model/format.ts";
import { stageTexts } from "../../model/names.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
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
        <h3 className={styles.title}>Remedies, measured</h3>
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
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region without this cannot be scrolled by keyboard.
    <section className={evidence.frame} aria-label="Table of remedies" tabIndex={0}>
      <table className={evidence.table} data-testid="try-table">
        <thead>
          <tr>
            <th scope="col">Remedy</th>
            <th scope="col" className={evidence.number}>
              Image tokens
            </th>
            {stages.map((stage) => (
              <th key={stage} scope="col" className={evidence.number}>
                {stageTexts[stage].name}
              </th>
            ))}
            {["Total", "Against the baseline", "F1 of the boxes"].map((head) => (
              <th key={head} scope="col" className={evidence.number}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-testid="try-row" data-id={row.id} title={row.source.detail}>
              <th scope="row">{row.label}</th>
              {row.status === "done" ? (
                <Figures row={row} />
              ) : (
                <td colSpan={7}>{`${row.status}: ${row.reason ?? ""}`}</td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Figures({ row }: { readonly row: TryRow }) {
  const time = (ms: number | undefined) => (ms === undefined ? "–" : formatMs(ms));
  return (
    <>
      <td className={evidence.number}>{row.tokens === undefined ? "–" : formatCount(row.tokens.image)}</td>
      {stages.map((stage) => (
        <td key={stage} className={evidence.number}>
          {time(row.stages[stage]?.median)}
        </td>
      ))}
      <td className={evidence.number}>{time(row.total?.median)}</td>
      <td className={evidence.number}>{ratioText(row)}</td>
      <td className={`${evidence.number} ${losesBoxes(row) ? styles.loses : ""}`}>{agreementText(row)}</td>
    </>
  );
}
