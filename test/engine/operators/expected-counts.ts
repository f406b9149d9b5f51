import type { OpCategory } from "../../../app/contract/index.ts";

/**
 * How many nodes of each category the graphs of llama.cpp and libmtmd have, counted from the architecture: from
 * tools/mtmd/models/qwen2vl.cpp and qwen3vl.cpp, our own native/src/vit, src/models/qwen2vl.cpp and qwen3vl.cpp and the functions they call.
 * Views, and nodes without elements, compute nothing and are not counted.
 */
export type Counts = Partial<Record<OpCategory, number>>;

export interface EncoderShape {
  readonly projector: "qwen2.5vl_merger" | "qwen3vl_merger";
  readonly layers: number;
  readonly flash: boolean;
  /** Qwen2.5-VL: every n-th layer attends to the whole image. */
  readonly fullAttentionEvery?: number;
  /** Qwen2.5-VL: shapes that the image's windows have, full ones among them, if its windowed layers are computed as windows. */
  readonly windowShapes?: number;
  /** Qwen3-VL: side branches into the language model. */
  readonly deepstackLayers?: number;
  /** Qwen3-VL: whether the grid of learned positions is of another size than the image's grid of patches. */
  readonly resizedPositions?: boolean;
}

export function encoderCounts(shape: EncoderShape): Counts {
  const { projector, layers, flash, fullAttentionEvery = 8, deepstackLayers = 0, resizedPositions = true } = shape;
  const { windowShapes } = shape;
  // Two convolutions of im2col, product and copy, their sum, and two copies that put patches in order.
  const patches = 2 * 3 + 1 + 2;
  const common = {
    rope: 2 * layers,
    attention: (flash ? 1 : 3) * layers,
    "attention-output": 2 * layers,
    residual: 2 * layers,
  };
  // Flash attention wants K and V in half precision; else V is transposed and the heads are joined.
  const copies = 2 * layers;
  if (projector === "qwen2.5vl_merger") {
    const full = Math.floor(layers / fullAttentionEvery);
    const windowed = layers - full;
    // A layer attends once for each shape. Without flash attention each piece has two copies.
    const windows = windowShapes === undefined ? undefined : { pieces: full + windowed * windowShapes };
    // The pieces of windows that an edge cuts: each is joined to the others, and as they are smaller than a tile of ggml's
    // kernel on a CPU, it gets their K and V in f32 again.
    const cut = windowed * ((windowShapes ?? 1) - 1);
    return {
      ...common,
      ...(windows === undefined ? {} : { attention: (flash ? 1 : 3) * windows.pieces }),
      // Patches that both kernels share are laid out once, and the products are not copied before they are summed.
      "patch-embedding": windows === undefined ? patches : patches - 3,
      norm: 2 * (2 * layers + 1),
      qkv: 3 * 2 * layers,
      ffn: 7 * layers,
      merger: 5,
      // Into the order of windows and back; for flash attention the mask is cast once, and again in each such layer.
      layout:
        windows === undefined
          ? 2 + copies + (flash ? 1 + windowed : 0)
          : 2 + cut + (flash ? copies + 2 * cut : 2 * windows.pieces),
    };
  }
  return {
    ...common,
    // A bias; positions: resized and copied if need be, put in order by two copies, added.
    "patch-embedding": patches + 1 + (resizedPositions ? 2 : 0) + 2 + 1,
    norm: 3 * (2 * layers + 1),
    qkv: 2 * layers,
    ffn: 5 * layers,
    // A side branch is a norm and an MLP, and is joined to what came before.
    merger: 5 + (3 + 5 + 1) * deepstackLayers,
    layout: copies,
  };
}

export interface LanguageShape {
  readonly architecture: "qwen2vl" | "qwen3vl" | "qwen35" | "qwen35moe";
  readonly layers: number;
  readonly flash: boolean;
  /** Qwen3.5: the last of so many layers attends, the others have a gated delta net. */
  readonly attentionEvery?: number;
  /** Qwen3.5: experts that each token uses. */
  readonly expertsUsed?: number;
}

interface Graph {
  /** Whether its tokens are looked up, or are image embeddings. */
  readonly text: boolean;
  /** Whether a row of logits is wanted; without one the last layer ends after its attention, unless it is Qwen3.5's. */
  readonly logits: boolean;
  /** Whether the sequence begins with it. */
  readonly first?: boolean;
}

function graphCounts(shape: LanguageShape, graph: Graph): Counts {
  return shape.attentionEvery === undefined ? attentionCounts(shape, graph) : hybridCounts(shape, graph);
}

/** src/models/qwen35.cpp, qwen35moe.cpp and delta-net-base.cpp; every layer is computed for all rows. */
function hybridCounts(
  { layers, flash, attentionEvery = 1, expertsUsed }: LanguageShape,
  { text, logits, first = false }: Graph,
): Counts {
  const attending = Math.floor(layers / attentionEvery);
  const recurrent = layers - attending;
  // Router, its softmax, choice and weights (5), the experts' MLP (4), weighed and summed, the shared one weighed and added.
  const ffn = expertsUsed === undefined ? 4 : 6 + 4 + 1 + (expertsUsed - 1) + 4 + 3 + 1;
  return {
    "token-embedding": text ? 1 : 0,
    // Before the layer and before its FFN; of queries and keys; of the delta net's queries, keys and output; the last.
    norm: 4 * layers + 4 * attending + 4 * recurrent + 2,
    qkv: 3 * attending + 2 * recurrent,
    rope: 2 * attending,
    // Keys and values; the state, which is two tensors, is emptied where a sequence begins.
    "kv-store": 2 * attending + recurrent + (first ? 2 * recurrent : 0),
    // With the gate of its output.
    attention: ((flash ? 1 : 3) + 2) * attending,
    // Convolution (2), decay (4), step (2), the net itself, the output's gate (2).
    "delta-net": 11 * recurrent,
    "attention-output": layers,
    ffn: ffn * layers,
    residual: 2 * layers,
    // The gate is copied; states are read, and the convolution's put together and kept; the experts' weights are picked.
    layout: (flash ? 1 : 2) * attending + 4 * recurrent + (expertsUsed === undefined ? 0 : layers) + (logits ? 1 : 0),
    "lm-head": logits ? 1 : 0,
  };
}

function attentionCounts({ architecture, layers, flash }: LanguageShape, { text, logits }: Graph): Counts {
  // qwen2vl has biases, qwen3vl norms, on queries and keys.
  const normsBeforeFfn = architecture === "qwen2vl" ? 2 : 6;
  const completeLayers = logits ? layers : layers - 1;
  return {
    "token-embedding": text ? 1 : 0,
    norm: normsBeforeFfn * layers + 2 * completeLayers + (logits ? 2 : 0),
    qkv: (architecture === "qwen2vl" ? 3 * 2 : 3) * layers,
    rope: 2 * layers,
    "kv-store": 2 * layers,
    attention: (flash ? 1 : 3) * layers,
    "attention-output": layers,
    ffn: 4 * completeLayers,
    residual: 2 * completeLayers,
    // Without flash attention heads are joined; the last layer picks the rows that logits are wanted for, twice.
    layout: (flash ? 0 : layers) + (logits ? 2 : 0),
    "lm-head": logits ? 1 : 0,
  };
}

/** Text before the image, the image, and text after it, whose last token wants logits. */
export function prefillCounts(shape: LanguageShape): Counts {
  return sum([
    graphCounts(shape, { text: true, logits: false, first: true }),
    graphCounts(shape, { text: false, logits: false }),
    graphCounts(shape, { text: true, logits: true }),
  ]);
}

/** @param decoded tokens run through the model: all of the answer, but the last where the limit of tokens ends it */
export function generateCounts(shape: LanguageShape, decoded: number): Counts {
  return sum(Array.from({ length: decoded }, () => graphCounts(shape, { text: true, logits: true })));
}

function sum(graphs: readonly Counts[]): Counts {
  const total: Counts = {};
  for (const counts of graphs) {
    for (const [category, nodes] of Object.entries(counts) as [OpCategory, number][]) {
      total[category] = (total[category] ?? 0) + nodes;
    }
  }
  return total;
}

/** Without the categories that do not occur, as a profile lists them. */
export function occurring(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, nodes]) => nodes > 0));
}
