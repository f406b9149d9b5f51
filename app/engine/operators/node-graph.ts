import type { NodeOperand, TimedNode } from "../../../native/index.ts";

/** A tensor of the model's files, after GGUF's naming ("blk.0.attn_q.weight", "v.patch_embd.weight.1"). */
const weightName = /\.(weight|bias|scale)(\.\d+)?$/;
/** ggml's scheduler names its copy on another device "<backend>#<tensor>#<number>", views with their suffixes. */
const schedulerCopy = /^[^#]*#(.*?)(?: \((?:reshaped|view|permuted|transposed)\))*#\d+$/;

/** The nodes of one stage in execution order, and which of them reads whose result. */
export class NodeGraph {
  readonly nodes: readonly TimedNode[];
  readonly #producers: readonly (readonly number[])[];
  readonly #consumers: readonly (readonly number[])[];

  constructor(nodes: readonly TimedNode[]) {
    this.nodes = nodes;
    const latest = new Map<string, number>();
    const consumers: number[][] = nodes.map(() => []);
    this.#producers = nodes.map((node, index) => {
      // Names repeat: a node reads what was written last under a name.
      const producers = readOperands(node).flatMap((operand) => latest.get(originalName(operand)) ?? []);
      for (const producer of producers) consumers[producer]?.push(index);
      latest.set(node.name, index);
      return producers;
    });
    this.#consumers = consumers;
  }

  /** Indices of the nodes whose results this one reads; weights and inputs have none. */
  producers(index: number): readonly number[] {
    return this.#producers[index] ?? [];
  }

  /** Indices of the nodes that read this one's result. */
  consumers(index: number): readonly number[] {
    return this.#consumers[index] ?? [];
  }
}

/** All but the second operand of a copy, which is the tensor that it writes. */
function readOperands({ op, operands }: TimedNode): readonly NodeOperand[] {
  return op === "CPY" ? operands.slice(0, 1) : operands;
}

/** Name of the first weight or bias among the operands. */
export function weightOf(node: TimedNode): string | undefined {
  return node.operands.map(originalName).find(isWeight);
}

export function isWeight(name: string): boolean {
  return weightName.test(name);
}

/** The operand's name in the model's graph, whether or not the scheduler copied it to another device. */
export function originalName({ name }: Pick<NodeOperand, "name">): string {
  return schedulerCopy.exec(name)?.[1] ?? name;
}
