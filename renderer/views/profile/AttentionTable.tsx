import type { StageProfile } from "../../../app/contract/index.ts";
import { formatMs, formatShare } from "../../model/format.ts";
import { attentionRows, attentionSummary } from "../../model/op-profile/profile-rows.ts";
import tables from "./tables.module.css";

/** Which attention ran in which layers, where, and what it costs. */
export function AttentionTable({ stage }: { readonly stage: StageProfile }) {
  const rows = attentionRows(stage);
  return (
    <section aria-label="Attention">
      <h3 className={tables.title}>Attention</h3>
      <p className={tables.note} data-testid="attention-summary">
        {attentionSummary(stage)}
      </p>
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region without this cannot be scrolled by keyboard.
        <section className={tables.frame} aria-label="Attention by layer" tabIndex={0}>
          <table className={tables.table} data-testid="attention-table">
            <thead>
              <tr>
                <th scope="col">Layers</th>
                <th scope="col" className={tables.text}>
                  Attention
                </th>
                <th scope="col" className={tables.text}>
                  Operators and shape of their results
                </th>
                <th scope="col" className={tables.text}>
                  Device
                </th>
                <th scope="col">Share</th>
                <th scope="col">About</th>
                <th scope="col">A layer</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.layers} ${row.kind}`}>
                  <th scope="row" className={tables.wrapped}>
                    {row.layers}
                  </th>
                  <td className={tables.text}>{row.kind}</td>
                  <td className={`${tables.text} ${tables.wrapped}`}>{row.ops}</td>
                  <td className={tables.text}>{row.devices}</td>
                  <td>{formatShare(row.share)}</td>
                  <td>{row.estimatedMs === undefined ? "–" : formatMs(row.estimatedMs)}</td>
                  <td>{row.estimatedMs === undefined ? "–" : formatMs(row.estimatedMs / row.layerCount)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
