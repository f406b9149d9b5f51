import os from "node:os";
import { type BackendStatus, defined, isGpu, type ModelFit } from "../../../contract/index.ts";
import { metadataNumber, metadataString } from "../../../gguf/header.ts";
import { readGguf } from "../../../gguf/read.ts";

/** What this machine has, bytes. */
export interface MachineMemory {
  readonly ramBytes: number;
  /** Of the largest GPU that an engine has seen; undefined if none has seen one yet. */
  readonly gpuBytes: number | undefined;
}

/** The main memory, and that of the largest GPU that an engine has reported. */
export function machineMemory(backends: readonly BackendStatus[]): MachineMemory {
  const gpus = backends.flatMap(({ devices = [] }) => devices.filter(isGpu));
  const largest = Math.max(0, ...gpus.map(({ memoryTotal }) => memoryTotal));
  return { ramBytes: os.totalmem(), gpuBytes: largest > 0 ? largest : undefined };
}

/** What decides how large the context of a language model is in memory, from its header. */
interface ContextShape {
  /** Those that keep keys and values of every token. */
  readonly layers: number;
  readonly kvHeads: number;
  /** Values of a key and of a value. */
  readonly keyLength: number;
  readonly valueLength: number;
  /** Bytes of one set of the other layers' recurrent states, however long the context is. */
  readonly stateBytes: number;
}

/** The context's shape by a language model's header; undefined if it cannot be read or does not say. Never throws. */
export async function readContextShape(modelPath: string): Promise<ContextShape | undefined> {
  const header = await readGguf(modelPath).catch(() => undefined);
  if (header === undefined) return undefined;
  const architecture = metadataString(header, "general.architecture");
  const number = (key: string) => metadataNumber(header, `${architecture}.${key}`);
  const layers = number("block_count");
  const heads = number("attention.head_count");
  const width = number("embedding_length");
  if (layers === undefined || heads === undefined || width === undefined || heads < 1) return undefined;
  const headLength = width / heads;
  const interval = number("full_attention_interval");
  const attending = interval === undefined || interval < 1 ? layers : Math.floor(layers / interval);
  return {
    layers: attending,
    kvHeads: number("attention.head_count_kv") ?? heads,
    keyLength: number("attention.key_length") ?? headLength,
    valueLength: number("attention.value_length") ?? headLength,
    stateBytes: (layers - attending) * recurrentStateBytes(number),
  };
}

/**
 * Sets of recurrent states that a context on a CPU keeps where jump-forward is on: the present one and one for each token
 * that may be taken back. On a GPU there is the present one only (planJumps in app/engine/session/context.ts).
 */
const statesOnCpu = 8;

/**
 * Of a layer with a gated delta net: a matrix for each value head and the convolution's last inputs, in f32. Source:
 * llama.cpp, llama_hparams::n_embd_s and n_embd_r (src/llama-hparams.cpp).
 */
function recurrentStateBytes(number: (key: string) => number | undefined): number {
  const inner = number("ssm.inner_size") ?? 0;
  const state = number("ssm.state_size") ?? 0;
  const convolved = inner + 2 * (number("ssm.group_count") ?? 0) * state;
  return 4 * (inner * state + Math.max(0, (number("ssm.conv_kernel") ?? 0) - 1) * convolved);
}

/** A screen at the largest image budget, prompt and a long answer. */
const contextTokens = 8192;
/** Bytes of a value in the context (f16). */
const contextValueBytes = 2;
/** Shares of the weights for compute buffers, and for the context where its shape is not known. */
const computeShare = 0.2;
const contextShare = 0.1;
const fixedBytes = 64 * 1024 * 1024;
/** What other programs and the system leave of a memory. */
const usableOfGpu = 0.92;
const usableOfRam = 0.8;

/**
 * Whether weights of so many bytes fit. Sizes of the files, plus the context by the formula of attention (2 x layers x
 * tokens x heads x length), plus a share for compute buffers. node-llama-cpp's own estimate is not used here: it has to
 * load llama.cpp into the process that asks, and knows nothing of the vision part.
 */
export function estimateFit(weightBytes: number, shape: ContextShape | undefined, memory: MachineMemory): ModelFit {
  const { ramBytes, gpuBytes } = memory;
  const states = gpuBytes === undefined ? statesOnCpu : 1;
  const context = shape === undefined ? contextShare * weightBytes : contextBytes(shape, states);
  const needBytes = Math.ceil(weightBytes * (1 + computeShare) + context + fixedBytes);
  const about =
    shape === undefined
      ? "10 % for the context (its header is not read before the download)"
      : `the context of ${contextTokens} tokens by the header's layers and heads`;
  return {
    verdict: verdictOf(needBytes, memory),
    needBytes,
    ramBytes,
    ...defined({ gpuBytes }),
    source: `Estimate from the files' sizes: weights, ${about}, 20 % for compute buffers.`,
  };
}

function contextBytes({ layers, kvHeads, keyLength, valueLength, stateBytes }: ContextShape, states: number): number {
  return layers * contextTokens * kvHeads * (keyLength + valueLength) * contextValueBytes + states * stateBytes;
}

function verdictOf(needBytes: number, { ramBytes, gpuBytes }: MachineMemory): ModelFit["verdict"] {
  if (gpuBytes !== undefined && needBytes <= gpuBytes * usableOfGpu) return "gpu";
  if (needBytes > ramBytes * usableOfRam) return "too-large";
  return gpuBytes === undefined ? "cpu" : "gpu-partly";
}
