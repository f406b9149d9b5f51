import { formatCount, formatMs, formatRate, formatShare } from "../../../app/presentation/numbers.ts";
import { stageLabel } from "../../../app/presentation/stages.ts";
import { stageTexts } from "../../../app/presentation/texts.ts";
import type { StageRow } from "../../logic/stage-rows.ts";
import { Table } from "../../ui/Table.tsx";
import styles from "./StageTable.module.css";

const none = <span aria-hidden="true">–</span>;

/** The chart's numbers and its legend. */
export function StageTable({ rows, running }: { readonly rows: readonly StageRow[]; readonly running: boolean }) {
  const next = running ? rows.find((row) => row.state === "pending")?.stage : undefined;
  return (
    <Table className={styles.table} heads={["Stage", "Time", "Share", "Tokens", "Tokens/s", ["What", styles.what]]}>
      {rows.map((row) => (
        <tr
          key={row.stage}
          className={row.state === "pending" ? styles.pending : undefined}
          data-testid="stage-row"
          data-stage={row.stage}
          data-state={row.state}
        >
          <th scope="row">
            <span className="swatch" style={{ backgroundColor: `var(--stage-${row.stage})` }} />
            {stageLabel(row)}
          </th>
          <td>{time(row, row.stage === next)}</td>
          <td>{row.share === undefined ? none : formatShare(row.share)}</td>
          <td>{row.tokens === undefined ? none : formatCount(row.tokens)}</td>
          <td>{row.tokensPerSecond === undefined ? none : formatRate(row.tokensPerSecond)}</td>
          <td className={styles.what}>{what(row)}</td>
        </tr>
      ))}
    </Table>
  );
}

function time(row: StageRow, isNext: boolean) {
  if (row.state === "measured") return formatMs(row.ms);
  if (row.state === "reused") return <span className={styles.reused}>reused</span>;
  if (row.state === "overlapped") return <span className={styles.reused}>overlapped</span>;
  return isNext ? "…" : none;
}

/** The stage's measured parts where there are some, else what it does. */
function what(row: StageRow): string {
  const parts = row.parts.map((part) => `${part.name} ${formatMs(part.ms)}`).join(" · ");
  if (row.state === "reused" && parts !== "") return `The image's part of an earlier run was used; ${parts}`;
  if (row.state === "reused") return "Not run again: the result of an earlier run was used";
  if (row.overlappedMs !== undefined) {
    return `${formatMs(row.overlappedMs)} during the run before, ${formatMs(row.ms)} waited for`;
  }
  return parts === "" ? stageTexts[row.stage].what : parts;
}
