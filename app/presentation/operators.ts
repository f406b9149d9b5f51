import { groups, sum } from "d3-array";
import { type AttentionOp, defined, estimatedMs, type StageOperators, shareOf } from "../contract/index.ts";

/** Layers that ran the same attention, as one line of a table. */
export interface AttentionRow {
  /** "0", "0–6", "7, 15, 23". */
  readonly layers: string;
  readonly layerCount: number;
  readonly kind: string;
  readonly ops: string;
  readonly devices: string;
  /** In the timed pass; `share` is that of the stage's node time, 0..1, `estimatedMs` the same share of the true time. */
  readonly ms: number;
  readonly share: number;
  readonly estimatedMs?: number;
}

/** Groups the stage's layers by what attention they ran and where, in the order of their first layer. */
export function attentionRows(stage: StageOperators): AttentionRow[] {
  const alike = groups(stage.attention, ({ kind, masked, ops }) =>
    JSON.stringify([kind, masked, ops.map(({ op, device, shape }) => [op, device, shape])]),
  );
  return alike.flatMap(([, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const ms = sum(group, (layer) => layer.ms);
    return {
      layers: layerRanges(group.map(({ layer }) => layer)),
      layerCount: group.length,
      kind: `${first.kind}, ${first.masked ? "masked" : "no mask"}`,
      ops: [...new Set(first.ops.map(opText))].join(", "),
      devices: [...new Set(first.ops.map(({ device }) => device))].join(", "),
      ms,
      share: shareOf(stage, { ms }),
      ...defined({ estimatedMs: estimatedMs(stage, { ms }) }),
    };
  });
}

function opText({ op, shape }: AttentionOp): string {
  return `${op} ${shapeText(shape)}`;
}

/** A shape as ggml lists it, fastest-varying first, without trailing ones: "64 × 4 × 920". */
export function shapeText(shape: readonly number[]): string {
  const last = shape.findLastIndex((size) => size !== 1);
  return shape.slice(0, Math.max(1, last + 1)).join(" × ");
}

/** Ascending numbers, three and more in a row as a range: "0–2, 7, 9, 10". */
export function layerRanges(numbers: readonly number[]): string {
  const parts: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && number === last.to + 1) last.to = number;
    else parts.push({ from: number, to: number });
  }
  return parts
    .map(({ from, to }) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`))
    .join(", ");
}
