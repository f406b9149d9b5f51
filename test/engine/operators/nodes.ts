import type { TimedNode } from "../../../native/index.ts";

/** A node of 1 ms as the native session reports it; operands by name. */
export function node(
  op: string,
  name: string,
  operands: readonly string[],
  changes: Partial<TimedNode> = {},
): TimedNode {
  return {
    stage: "encode",
    name,
    op,
    type: "f32",
    device: "CPU",
    shape: [64, 32, 1, 1],
    operands: operands.map((operand) => ({ name: operand, type: "f32", shape: [64, 32, 1, 1] })),
    runs: 1,
    ms: 1,
    ...changes,
  };
}
