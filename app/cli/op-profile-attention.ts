import { estimatedMs, type LayerAttention, type StageProfile, shareOf } from "../contract/index.ts";
import { formatMs } from "./numbers.ts";
import { oneLine } from "./terminal.ts";

/** Rows of the attention table: layers that ran the same operations in the same place share one. */
export function attentionRows(stage: StageProfile): string[][] {
  const groups = new Map<string, LayerAttention[]>();
  for (const layer of stage.attention) {
    const key = JSON.stringify([layer.kind, layer.masked, layer.ops.map(({ op, device }) => [op, device])]);
    groups.set(key, [...(groups.get(key) ?? []), layer]);
  }
  return [...groups.values()].flatMap((layers) => {
    const [first] = layers;
    if (first === undefined) return [];
    const ms = layers.reduce((sum, layer) => sum + layer.ms, 0);
    const estimated = estimatedMs(stage, { ms });
    return [
      [
        layerNumbers(layers.map(({ layer }) => layer)),
        `${first.kind}${first.masked ? ", masked" : ""}`,
        [...new Set(first.ops.map(({ device }) => oneLine(device)))].join(", "),
        (100 * shareOf(stage, { ms })).toFixed(1),
        estimated === undefined ? "" : formatMs(estimated),
        formatMs(ms),
        first.ops.map(({ op, shape }) => `${oneLine(op)} ${shape.join(" × ")}`).join(", "),
      ],
    ];
  });
}

/** "0-6, 8-14, 16": ascending numbers as ranges. */
export function layerNumbers(layers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const layer of layers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === layer) last[1] = layer;
    else ranges.push([layer, layer]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
