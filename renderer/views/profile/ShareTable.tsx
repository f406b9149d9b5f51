import { formatCount, formatMs, formatShare } from "../../model/format.ts";
import type { ShareRow } from "../../model/op-profile/profile-rows.ts";
import categories from "./categories.module.css";
import styles from "./tables.module.css";

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
    <table className={styles.table}>
      <caption className={styles.caption}>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Share</th>
          <th scope="col">Nodes</th>
          {timed && <th scope="col">About</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, category, nodes, share, estimatedMs }) => (
          <tr key={name}>
            <th scope="row" className={code ? styles.code : undefined}>
              {category !== undefined && (
                <span className={`${styles.swatch} ${categories.fill}`} data-category={category} />
              )}
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
      </tbody>
    </table>
  );
}
