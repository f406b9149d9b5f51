/** Random tensors in the forms that transformer layers are made of. */
import { matrixReach, randomValues, seedFor } from "./random.ts";
import type { GgufTensorType } from "./tensor-types.ts";
import type { GgufTensorSource } from "./writer.ts";

export interface RandomTensors {
  /** `<name>.weight` of a linear layer, [inputs, outputs]; `gain` multiplies the standard deviation of its outputs. */
  matrix(name: string, inputs: number, outputs: number, gain?: number): GgufTensorSource;
  /** `<name>.weight` and `<name>.bias` of a linear layer. */
  linear(name: string, inputs: number, outputs: number): GgufTensorSource[];
  /** `<name>.weight` of a norm: values around 1. */
  norm(name: string, width: number): GgufTensorSource;
  /** `<name>.bias`: small values around 0; always f32, as in real files. */
  bias(name: string, width: number): GgufTensorSource;
  /** A tensor of any shape, type and reach, under its full name. */
  tensor(name: string, shape: readonly number[], reach: number, type: GgufTensorType): GgufTensorSource;
}

/**
 * Values of a tensor that are drawn before they repeat, where models of real sizes are written: a prime number of q8_0 blocks,
 * so that rows begin at different places and differ.
 */
export const CYCLE = 4099 * 32;

/** The type of a matrix by its full name: real quantisations mix several. */
export type MatrixType = GgufTensorType | ((name: string) => GgufTensorType);

/**
 * Tensors whose values follow from `seed` and their names; matrices are written as `matrixType`.
 * @param cycle draw at most so many values of a tensor and repeat them: gigabytes in seconds
 */
export function randomTensors(seed: number, matrixType: MatrixType, cycle = Number.POSITIVE_INFINITY): RandomTensors {
  const tensor = (name: string, shape: readonly number[], reach: number, type: GgufTensorType, center = 0) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = () => randomValues(seedFor(seed, name), Math.min(count, cycle), reach, center);
    return { name, type, shape, values, ...(count > cycle && { cycled: true }) };
  };
  const typeOf = (name: string): GgufTensorType => (typeof matrixType === "string" ? matrixType : matrixType(name));
  const matrix = (name: string, inputs: number, outputs: number, gain = 1) =>
    tensor(`${name}.weight`, [inputs, outputs], gain * matrixReach(inputs), typeOf(`${name}.weight`));
  const bias = (name: string, width: number) => tensor(`${name}.bias`, [width], 0.1, "f32");
  return {
    matrix,
    bias,
    linear: (name, inputs, outputs) => [matrix(name, inputs, outputs), bias(name, outputs)],
    norm: (name, width) => tensor(`${name}.weight`, [width], 0.2, "f32", 1),
    tensor: (name, shape, reach, type) => tensor(name, shape, reach, type),
  };
}
