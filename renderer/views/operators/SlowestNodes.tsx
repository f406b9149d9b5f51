import {
  estimatedMs,
  type OperatorTimes,
  opCategoryTexts,
  shareOf,
  slowestOverall,
} from "../../../app/contract/index.ts";
import { formatCount, formatMs, formatShare } from "../../../app/presentation/numbers.ts";
import { shapeText } from "../../../app/presentation/operators.ts";
import { stageTexts } from "../../../app/presentation/texts.ts";
import { Table, textCell, textHead } from "../../ui/Table.tsx";
import styles from "./OperatorsView.module.css";

const texts = ["Stage", "Part", "Operator", "Result", "Weights or first operand", "Device"];

/** The slowest nodes of all stages. */
export function SlowestNodes({ times }: { readonly times: OperatorTimes }) {
  const nodes = slowestOverall(times);
  return (
    <section className={styles.card} aria-label="Slowest nodes">
      <h3 className={styles.title}>Slowest {nodes.length} nodes</h3>
      <Table
        className={styles.table}
        heads={["Node", ...texts.map(textHead), "Runs", "Share of stage", "About"]}
        frame="Table of the slowest nodes"
      >
        {nodes.map(({ stage, node }) => {
          const ms = estimatedMs(stage, node);
          const { source } = node;
          return (
            <tr key={`${stage.stage} ${node.name} ${node.op}`} data-testid="slow-node">
              <th scope="row" className={styles.code}>
                {node.name}
              </th>
              <td className={textCell}>{stageTexts[stage.stage].name}</td>
              <td className={textCell}>{opCategoryTexts[node.category]}</td>
              <td className={textCell}>{node.op}</td>
              <td className={textCell}>{`${node.type} ${shapeText(node.shape)}`}</td>
              <td className={textCell}>
                {source === undefined ? "–" : `${source.type} ${shapeText(source.shape)} ${source.name}`}
              </td>
              <td className={textCell}>{node.device}</td>
              <td>{formatCount(node.nodes)}</td>
              <td>{formatShare(shareOf(stage, node))}</td>
              <td>{ms === undefined ? "–" : formatMs(ms)}</td>
            </tr>
          );
        })}
      </Table>
    </section>
  );
}
