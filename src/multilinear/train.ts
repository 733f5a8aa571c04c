import { matmul, type Matrix } from "../linalg/mod.ts";
import { requireDense, requireRoom, text } from "./checks.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { count } from "./modes.ts";

/** A tensor train, or matrix product state: one core a mode. */
export interface TensorTrain {
  /** Cores [r, Iₙ, r′]: r is 1 for the first, r′ for the last, and neighbours agree. */
  readonly cores: readonly DenseTensor[];
}

/**
 * The tensor that a train stands for.
 *
 * @throws {TypeError} when neighbouring cores do not agree; {RangeError} when it does not fit.
 */
export function ttToTensor(train: TensorTrain): DenseTensor {
  const { cores } = train, action = "Cannot form the tensor of";
  requireTrain(train, action);
  const shape = cores.map((core) => core.shape[1]!);
  requireRoom(count(shape), `${action} a train ${text(shape)}`, "keep its cores");
  const data = cores.reduce<Matrix>((rest, core) => {
    const [r, n, next] = core.shape as readonly [number, number, number];
    const { rows, data } = matmul(rest, { rows: r, columns: n * next, data: core.data });
    return { rows: rows * n, columns: next, data };
  }, { rows: 1, columns: 1, data: Float64Array.of(1) }).data;
  return { shape, data };
}

/** Ranks of the bonds between the cores. */
export function ranksOf({ cores }: TensorTrain): number[] {
  return cores.slice(1).map(({ shape }) => shape[0]!);
}

/** @throws {TypeError} unless cores have three modes and neighbours agree. */
export function requireTrain({ cores }: TensorTrain, action: string): void {
  if (cores.length === 0) throw new TypeError(`${action} a train of no cores: give one a mode`);
  cores.forEach((core, i) => {
    requireDense(core, action);
    const { shape } = core;
    const left = i === 0 ? 1 : cores[i - 1]!.shape[2], last = i === cores.length - 1;
    if (shape.length === 3 && shape[0] === left && (!last || shape[2] === 1)) return;
    throw new TypeError(
      `${action} a train whose core ${i} is ${text(shape)}: it must be [${left}, size, ${
        last ? 1 : "rank"
      }]`,
    );
  });
}
