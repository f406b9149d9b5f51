import { formatDateTime, formatMs } from "../../../../app/presentation/numbers.ts";
import type { HistoryPoint } from "../../../logic/compare/history.ts";
import { Table } from "../../../ui/Table.tsx";
import styles from "./HistoryPanel.module.css";

/** The chart's figures with the versions they were measured with, newest first. */
export function HistoryTable({ points }: { readonly points: readonly HistoryPoint[] }) {
  return (
    <Table className={styles.table} heads={["Date", "Time", "Holoscope", "llama.cpp"]}>
      {points.toReversed().map((point) => (
        <tr key={point.runId} data-testid="history-row">
          <th scope="row">{formatDateTime(new Date(point.at).toISOString())}</th>
          <td>{formatMs(point.ms)}</td>
          <td>{point.app}</td>
          <td>{point.llamaCpp ?? "–"}</td>
        </tr>
      ))}
    </Table>
  );
}
