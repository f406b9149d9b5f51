import type { StageOperators } from "../../../app/contract/index.ts";
import { formatMs, formatShare } from "../../../app/presentation/numbers.ts";
import { attentionRows } from "../../../app/presentation/operators.ts";
import { attentionSummary } from "../../logic/operators/rows.ts";
import { cx } from "../../ui/cx.ts";
import { Table, textCell, textHead } from "../../ui/Table.tsx";
import styles from "./OperatorsView.module.css";

/** Which attention ran in which layers, where, and what it costs. */
export function AttentionTable({ stage }: { readonly stage: StageOperators }) {
  const rows = attentionRows(stage);
  return (
    <section aria-label="Attention">
      <h3 className={styles.title}>Attention</h3>
      <p className="note" data-testid="attention-summary">
        {attentionSummary(stage)}
      </p>
      {rows.length > 0 && (
        <Table
          className={styles.table}
          heads={[
            "Layers",
            ...["Attention", "Operators and shape of their results", "Device"].map(textHead),
            "Share",
            "About",
            "A layer",
          ]}
          frame="Attention by layer"
          testId="attention-table"
        >
          {rows.map((row) => (
            <tr key={`${row.layers} ${row.kind}`}>
              <th scope="row" className={styles.wrapped}>
                {row.layers}
              </th>
              <td className={textCell}>{row.kind}</td>
              <td className={cx(textCell, styles.wrapped)}>{row.ops}</td>
              <td className={textCell}>{row.devices}</td>
              <td>{formatShare(row.share)}</td>
              <td>{row.estimatedMs === undefined ? "–" : formatMs(row.estimatedMs)}</td>
              <td>{row.estimatedMs === undefined ? "–" : formatMs(row.estimatedMs / row.layerCount)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
