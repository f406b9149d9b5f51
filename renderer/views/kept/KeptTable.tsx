import type { KeptData } from "../../../app/contract/index.ts";
import { formatBytes, formatCount } from "../../../app/presentation/numbers.ts";
import { keptNames } from "../../../app/presentation/texts.ts";
import { Table } from "../../ui/Table.tsx";
import styles from "./Kept.module.css";

const kinds = Object.keys(keptNames) as (keyof KeptData)[];

/** How much is kept of each kind. */
export function KeptTable({ kept }: { readonly kept: KeptData }) {
  return (
    <Table className={styles.table} heads={["What", "Count", "Size"]} testId="kept-table">
      {kinds.map((kind) => (
        <tr key={kind} data-testid={`kept-${kind}`}>
          <th scope="row">{keptNames[kind]}</th>
          <td>{formatCount(kept[kind].count)}</td>
          <td>{formatBytes(kept[kind].bytes)}</td>
        </tr>
      ))}
    </Table>
  );
}
