import {
  exponent,
  frobeniusNorm,
  matmul,
  type Matrix,
  powerOfTwo,
  qr,
  transpose,
} from "../linalg/mod.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { count } from "./modes.ts";
import { goalOf } from "./rank.ts";
import { scale } from "./scaled.ts";
import {
  concluded,
  cutter,
  type TensorTrainOptions,
  type TensorTrainResult,
} from "./tensor_train.ts";
import { ranksOf, requireTrain, type TensorTrain } from "./train.ts";

/**
 * A train with smaller bonds: all cores but the first are made orthogonal, then each bond is cut at its
 * singular values. For `{ relativeError }` the promise is kept; the error is measured on the train of the
 * difference, which is never formed densely. Without a rank only what is zero to rounding goes: 1e-14.
 *
 * Source: Oseledets (2011), Tensor-train decomposition, algorithm 2.
 *
 * @throws {TypeError} when neighbouring cores do not agree.
 * @throws {RangeError} when an entry is not finite, or a rank exceeds that of its bond.
 * @example
 * ```ts
 * import { denseTensor, round, tensorTrain } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [1, 0, 0, 0, 0, 0, 0, 1e-3]);
 * const exact = tensorTrain(x);
 * console.log(exact.ranks, round(exact, { rank: { relativeError: 0.01 } }).ranks); // [2, 2] [1, 1]
 * ```
 */
export function round(
  train: TensorTrain,
  { rank = { relativeError: 1e-14 } }: TensorTrainOptions = {},
): TensorTrainResult {
  const action = "Cannot round";
  requireTrain(train, action);
  const goal = goalOf(rank, ranksOf(train), action);
  const { cores, power, norm } = orthogonal(train.cores, action);
  const cut = cutter(goal, norm, cores.length - 1), kept: DenseTensor[] = [];
  let core = cores[0]!;
  cores.slice(1).forEach((next) => {
    const [r, n, right] = core.shape as readonly [number, number, number];
    const tall = { rows: r * n, columns: right, data: core.data };
    const left = cut.next(tall);
    kept.push({ shape: [r, n, left.columns], data: left.data });
    core = timesLeft(matmul(left, tall, "TN"), next);
  });
  kept.push(core);
  const difference = orthogonal(subtracted(cores, kept), action);
  const [f1, f2] = powerOfTwo(difference.power);
  return concluded(
    timesPower(kept, power),
    norm === 0 ? 0 : difference.norm * f1 * f2 / norm,
    cut.errorBound(),
    cut.singularValues.map((values) => timesPower([{ shape: [], data: values }], power)[0]!.data),
  );
}

/** A train whose cores but the first have orthonormal rows, times 2^−power, with its norm. */
function orthogonal(
  cores: readonly DenseTensor[],
  action: string,
): { cores: DenseTensor[]; power: number; norm: number } {
  const result: DenseTensor[] = [];
  let power = 0, factor: Matrix | undefined;
  for (let i = cores.length - 1; i >= 0; i--) {
    const [plain, k] = aboutOne(cores[i]!, action);
    const core = factor ? timesRight(plain, factor) : plain;
    power += k;
    const [r, n, right] = core.shape as readonly [number, number, number];
    if (i === 0) {
      const [first, last] = aboutOne(core, action);
      result.unshift(first);
      const norm = frobeniusNorm({ rows: 1, columns: first.data.length, data: first.data });
      return { cores: result, power: power + last, norm };
    }
    const { q, r: upper } = qr(transpose({ rows: r, columns: n * right, data: core.data }));
    result.unshift({ shape: [q.columns, n, right], data: transpose(q).data });
    const [next, more] = aboutOne({ shape: [upper.rows, upper.columns], data: upper.data }, action);
    factor = transpose({ ...upper, data: next.data });
    power += more;
  }
  throw new TypeError(`${action} a train of no cores`);
}

/** A tensor divided by a power of two that brings its norm to about 1, and the exponent. */
function aboutOne(x: DenseTensor, action: string): [DenseTensor, number] {
  const { data } = scale(x, action);
  const size = frobeniusNorm({ rows: 1, columns: x.data.length, data: x.data });
  return [{ shape: x.shape, data }, exponent(size)];
}

/** M·G along the left bond. */
function timesLeft(m: Matrix, { shape, data }: DenseTensor): DenseTensor {
  const columns = count(shape.slice(1));
  return {
    shape: [m.rows, ...shape.slice(1)],
    data: matmul(m, { rows: shape[0]!, columns, data }).data,
  };
}

/** G·M along the right bond. */
function timesRight({ shape, data }: DenseTensor, m: Matrix): DenseTensor {
  const rows = count(shape.slice(0, 2));
  return {
    shape: [...shape.slice(0, 2), m.columns],
    data: matmul({ rows, columns: shape[2]!, data }, m).data,
  };
}

/** The train of a difference: cores are block diagonal. */
function subtracted(a: readonly DenseTensor[], b: readonly DenseTensor[]): DenseTensor[] {
  return a.map((core, i) => {
    const other = b[i]!, first = i === 0, last = i === a.length - 1;
    const [r, n, right] = core.shape as readonly [number, number, number];
    const [s, , also] = other.shape as readonly [number, number, number];
    const rows = first ? 1 : r + s, columns = last ? 1 : right + also;
    const data = new Float64Array(rows * n * columns);
    const place = (from: DenseTensor, row: number, column: number, sign: number): void => {
      const [height, , width] = from.shape as readonly [number, number, number];
      for (let p = 0, at = 0; p < height * n; p++) {
        const to = (row * n + p) * columns + column;
        for (let q = 0; q < width; q++, at++) data[to + q]! += sign * from.data[at]!;
      }
    };
    place(core, 0, 0, 1);
    place(other, first ? 0 : r, last ? 0 : right, first ? -1 : 1);
    return { shape: [rows, n, columns], data };
  });
}

/** Most of an exponent that the last core takes alone. */
const ALONE = 900;

/** The cores times 2^power: in the last core, or spread over all where that would not fit. */
function timesPower(cores: readonly DenseTensor[], power: number): DenseTensor[] {
  const share = Math.abs(power) <= ALONE ? 0 : Math.trunc(power / cores.length);
  return cores.map((core, i) => {
    const k = i < cores.length - 1 ? share : power - share * (cores.length - 1);
    const [f1, f2] = powerOfTwo(Math.max(-2000, Math.min(2000, k)));
    return k === 0 ? core : { ...core, data: core.data.map((value) => value * f1 * f2) };
  });
}
