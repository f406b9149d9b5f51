import { type StageOperators, shareOf } from "../../../app/contract/index.ts";
import { formatShare } from "../../../app/presentation/numbers.ts";
import { heatCells } from "../../logic/operators/rows.ts";
import styles from "./OperatorsView.module.css";

/** The layers of the stage's model side by side: the darker, the longer. */
export function HeatStrip({ stage }: { readonly stage: StageOperators }) {
  const cells = heatCells(stage);
  if (cells.length === 0) return null;
  const hottest = cells.reduce((most, cell) => (cell.heat > most.heat ? cell : most));
  return (
    <section aria-label="Layers">
      <h3 className={styles.title}>By layer</h3>
      <ol className={styles.strip} data-testid="heat-strip">
        {cells.map(({ layer, share, heat, mostly }) => {
          const text = `Layer ${layer}: ${formatShare(share)} of the stage; ${mostly}`;
          return (
            <li key={layer} className={styles.cell} title={text} data-testid="heat-cell">
              <span className={styles.heat} style={{ opacity: 0.08 + 0.92 * heat }} />
              <span className={styles.layer} aria-hidden="true">
                {layer}
              </span>
              <span className="visually-hidden">{text}</span>
            </li>
          );
        })}
      </ol>
      <p className="note">
        Costliest: layer {hottest.layer} with {formatShare(hottest.share)} ({hottest.mostly}). Outside the layers:{" "}
        {formatShare(shareOf(stage, stage.outsideLayers))}. A full cell is the costliest layer of the stage, an empty
        one takes nothing.
      </p>
    </section>
  );
}
