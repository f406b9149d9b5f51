import { estimatedMs, type OpProfile, opCategoryTexts, shareOf, slowestOverall } from "../../../app/contract/index.ts";
import { formatCount, formatMs, formatShare } from "../../model/format.ts";
import { stageTexts } from "../../model/names.ts";
import { shapeText } from "../../model/op-profile/profile-rows.ts";
import styles from "./StageBars.module.css";
import tables from "./tables.module.css";

/** The slowest nodes of all stages. */
export function SlowestNodes({ profile }: { readonly profile: OpProfile }) {
  const nodes = slowestOverall(profile);
  return (
    <section className={styles.card} aria-label="Slowest nodes">
      <h3 className={styles.title}>Slowest {nodes.length} nodes</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region without this cannot be scrolled by keyboard. */}
      <section className={tables.frame} aria-label="Table of the slowest nodes" tabIndex={0}>
        <table className={tables.table}>
          <thead>
            <tr>
              <th scope="col">Node</th>
              {["Stage", "Part", "Operator", "Result", "Weights or first operand", "Device"].map((name) => (
                <th key={name} scope="col" className={tables.text}>
                  {name}
                </th>
              ))}
              <th scope="col">Runs</th>
              <th scope="col">Share of stage</th>
              <th scope="col">About</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map(({ stage, node }) => {
              const ms = estimatedMs(stage, node);
              const { source } = node;
              return (
                <tr key={`${stage.stage} ${node.name} ${node.op}`} data-testid="slow-node">
                  <th scope="row" className={tables.code}>
                    {node.name}
                  </th>
                  <td className={tables.text}>{stageTexts[stage.stage].name}</td>
                  <td className={tables.text}>{opCategoryTexts[node.category]}</td>
                  <td className={tables.text}>{node.op}</td>
                  <td className={tables.text}>{`${node.type} ${shapeText(node.shape)}`}</td>
                  <td className={tables.text}>
                    {source === undefined ? "–" : `${source.type} ${shapeText(source.shape)} ${source.name}`}
                  </td>
                  <td className={tables.text}>{node.device}</td>
                  <td>{formatCount(node.nodes)}</td>
                  <td>{formatShare(shareOf(stage, node))}</td>
                  <td>{ms === undefined ? "–" : formatMs(ms)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </section>
  );
}
