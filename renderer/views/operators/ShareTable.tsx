import { formatCount, formatMs, formatShare } from "../../../app/presentation/numbers.ts";
import type { ShareRow } from "../../logic/operators/rows.ts";
import { Table } from "../../ui/Table.tsx";
import { categoryColors } from "./category-colors.ts";
import styles from "./OperatorsView.module.css";

interface ShareTableProps {
  readonly title: string;
  readonly rows: readonly ShareRow[];
  /** Names are ggml's own. */
  readonly code?: boolean;
}

/** Shares of one stage's node time, costliest first. */
export function ShareTable({ title, rows, code = false }: ShareTableProps) {
  const timed = rows.some(({ estimatedMs }) => estimatedMs !== undefined);
  return (
    <Table
      className={styles.table}
      caption={<caption className={styles.caption}>{title}</caption>}
      heads={["Name", "Share", "Nodes", ...(timed ? ["About"] : [])]}
    >
      {rows.map(({ name, category, nodes, share, estimatedMs }) => (
        <tr key={name}>
          <th scope="row" className={code ? styles.code : undefined}>
            {category !== undefined && <span className="swatch" style={categoryColors(category)} />}
            {name}
          </th>
          <td>
            <meter className={styles.meter} min={0} max={1} value={share} aria-hidden="true" />
            <span className={styles.share}>{formatShare(share)}</span>
          </td>
          <td>{formatCount(nodes)}</td>
          {timed && <td>{estimatedMs === undefined ? "–" : formatMs(estimatedMs)}</td>}
        </tr>
      ))}
    </Table>
  );
}
