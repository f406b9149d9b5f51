import os from "node:os";
import type { BackendStatus } from "../../contract/api.ts";
import type { ModelFit } from "../../contract/model-files.ts";

/** What this machine has, bytes. */
export interface MachineMemory {
  readonly ramBytes: number;
  /** Of the largest GPU that an engine has seen; undefined if none has seen one yet. */
  readonly gpuBytes: number | undefined;
}

/** The main memory, and that of the largest GPU that an engine has reported. */
export function machineMemory(backends: readonly BackendStatus[]): MachineMemory {
  const gpus = backends.flatMap(({ devices = [] }) => devices.filter(({ type }) => type === "gpu" || type === "igpu"));
  const largest = Math.max(0, ...gpus.map(({ memoryTotal }) => memoryTotal));
  return { ramBytes: os.totalmem(), gpuBytes: largest > 0 ? largest : undefined };
}

/** What decides how large the context of a language model is in memory, from its header. */
export interface ContextShape {
  readonly layers: number;
  readonly kvHeads: number;
  /** Values of a key and of a value. */
  readonly keyLength: number;
  readonly valueLength: number;
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
  const context = shape === undefined ? contextShare * weightBytes : contextBytes(shape);
  const needBytes = Math.ceil(weightBytes * (1 + computeShare) + context + fixedBytes);
  const { ramBytes, gpuBytes } = memory;
  const about =
    shape === undefined
      ? "10 % for the context (its header is not read before the download)"
      : `the context of ${contextTokens} tokens by the header's layers and heads`;
  return {
    verdict: verdictOf(needBytes, memory),
    needBytes,
    ramBytes,
    ...(gpuBytes === undefined ? {} : { gpuBytes }),
    source: `Estimate from the files' sizes: weights, ${about}, 20 % for compute buffers.`,
  };
}

function contextBytes({ layers, kvHeads, keyLength, valueLength }: ContextShape): number {
  return layers * contextTokens * kvHeads * (keyLength + valueLength) * contextValueBytes;
}

function verdictOf(needBytes: number, { ramBytes, gpuBytes }: MachineMemory): ModelFit["verdict"] {
  if (gpuBytes !== undefined && needBytes <= gpuBytes * usableOfGpu) return "gpu";
  if (needBytes > ramBytes * usableOfRam) return "too-large";
  return gpuBytes === undefined ? "cpu" : "gpu-partly";
}
