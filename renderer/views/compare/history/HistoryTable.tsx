import type { HistoryPoint } from "../../../model/compare/history.ts";
import { formatDateTime, formatMs } from "../../../model/format.ts";
import styles from "./HistoryTable.module.css";

/** The chart's figures with the versions they were measured with, newest first. */
export function HistoryTable({ points }: { readonly points: readonly HistoryPoint[] }) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Date</th>
          <th scope="col">Time</th>
          <th scope="col">Holoscope</th>
          <th scope="col">llama.cpp</th>
        </tr>
      </thead>
      <tbody>
        {points.toReversed().map((point) => (
          <tr key={point.runId} data-testid="history-row">
            <th scope="row">{formatDateTime(new Date(point.at).toISOString())}</th>
            <td>{formatMs(point.ms)}</td>
            <td>{point.app}</td>
            <td>{point.llamaCpp ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
