// One list of examples for every derivative rule: the operation, and the same in plain f64.
import {
  add,
  addRow,
  affine,
  bilinear,
  crossEntropy,
  divide,
  exp,
  indices,
  linear,
  log,
  matmul,
  matmulNT,
  matmulTN,
  multiply,
  relu,
  reshape,
  softmax,
  sqrt,
  subtract,
  sum,
  sumRows,
  type Tensor,
  transpose,
} from "../../src/tensor/mod.ts";
import type { Values } from "../support/gradients.ts";

/** One example of an operation. */
export interface RuleCase {
  /** Shape of every input. */
  readonly shapes: readonly (readonly number[])[];
  /** Range the inputs are drawn from; [−1, 1] unless said. */
  readonly range?: readonly [low: number, high: number];
  /** Inputs closer to 0 than this move away from it: kinks and poles. */
  readonly gap?: number;
  readonly apply: (inputs: readonly Tensor[]) => Tensor;
  /** The outputs in f64. */
  readonly reference: (inputs: Values) => ArrayLike<number>;
}

type Pair = (a: number, b: number) => number;

/** A [m, k] times B [k, n], each read through a function of row and column. */
function product(
  [m, k, n]: readonly [number, number, number],
  a: Pair,
  b: Pair,
): Float64Array {
  return Float64Array.from({ length: m * n }, (_, at) => {
    let total = 0;
    for (let l = 0; l < k; l++) total += a(Math.floor(at / n), l) * b(l, at % n);
    return total;
  });
}

const pairs = (apply: (a: Tensor, b: Tensor) => Tensor, of: Pair, rest = {}): RuleCase[] =>
  [[], [3, 5], [33]].map((shape) => ({
    shapes: [shape, shape],
    apply: ([a, b]) => apply(a!, b!),
    reference: ([a, b]) => a!.map((value, i) => of(value, b![i]!)),
    ...rest,
  }));

const singles = (
  apply: (x: Tensor) => Tensor,
  of: (x: number) => number,
  rest = {},
): RuleCase[] =>
  [[1], [5, 7], [17]].map((shape) => ({
    shapes: [shape],
    apply: ([x]) => apply(x!),
    reference: ([x]) => x!.map(of),
    ...rest,
  }));

/** x·Wᵀ + b for x [m, k] and w [n, k]. */
function affineMap(
  [m, k, n]: readonly [number, number, number],
  [x, w, b]: Values,
): Float64Array {
  const out = product([m, k, n], (i, l) => x![i * k + l]!, (l, j) => w![j * k + l]!);
  return b ? out.map((value, at) => value + b[at % n]!) : out;
}

function softmaxRow(row: Float64Array): Float64Array {
  const powers = row.map(Math.exp), total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

const rowsOf = (x: Float64Array, n: number): Float64Array[] =>
  Array.from({ length: x.length / n }, (_, i) => x.slice(i * n, (i + 1) * n));

const layerCase = (
  apply: (x: Tensor, weight: Tensor, bias?: Tensor) => Tensor,
  [m, k, n]: readonly [number, number, number],
  bias: boolean,
  finish: (out: Float64Array) => Float64Array,
): RuleCase => ({
  shapes: bias ? [[m, k], [n, k], [n]] : [[m, k], [n, k]],
  apply: ([x, w, b]) => apply(x!, w!, b),
  reference: (values) => finish(affineMap([m, k, n], values)),
});

/** The product of the left and the right half of every row of length n. */
const halves = (n: number) => (out: Float64Array): Float64Array =>
  Float64Array.from({ length: out.length / 2 }, (_, at) => {
    const start = Math.floor(at / (n / 2)) * n + at % (n / 2);
    return out[start]! * out[start + n / 2]!;
  });

const SIZES = [[1, 1, 1], [3, 5, 2], [9, 17, 4]] as const;

const LABELS = [4, 0, 2, 2];

/** Examples by the name an operation is recorded under. */
export const ruleCases: Readonly<Record<string, readonly RuleCase[]>> = {
  add: pairs(add, (a, b) => a + b),
  subtract: pairs(subtract, (a, b) => a - b),
  multiply: pairs(multiply, (a, b) => a * b),
  divide: pairs(divide, (a, b) => a / b, { range: [0.5, 2] }),
  exp: singles(exp, Math.exp),
  log: singles(log, Math.log, { range: [0.5, 2] }),
  sqrt: singles(sqrt, Math.sqrt, { range: [0.5, 2] }),
  relu: singles(relu, (x) => Math.max(0, x), { gap: 0.1 }),
  affine: singles((x) => affine(x, -1.5, 0.25), (x) => -1.5 * x + 0.25),
  addRow: [[1, 1], [4, 7], [5, 17]].map(([m, n]) => ({
    shapes: [[m!, n!], [n!]],
    apply: ([x, b]) => addRow(x!, b!),
    reference: ([x, b]) => x!.map((value, at) => value + b![at % n!]!),
  })),
  sum: [[], [7], [3, 11]].map((shape) => ({
    shapes: [shape],
    apply: ([x]) => sum(x!),
    reference: ([x]) => [x!.reduce((a, b) => a + b, 0)],
  })),
  sumRows: [[1, 4], [5, 7], [9, 17]].map(([m, n]) => ({
    shapes: [[m!, n!]],
    apply: ([x]) => sumRows(x!),
    reference: ([x]) =>
      Float64Array.from(
        { length: n! },
        (_, j) => rowsOf(x!, n!).reduce((total, row) => total + row[j]!, 0),
      ),
  })),
  softmax: [[1, 1], [4, 5], [3, 17]].map(([m, n]) => ({
    shapes: [[m!, n!]],
    range: [-2, 2],
    apply: ([x]) => softmax(x!),
    reference: ([x]) => rowsOf(x!, n!).flatMap((row) => [...softmaxRow(row)]),
  })),
  transpose: [[1, 5], [4, 7], [17, 9]].map(([m, n]) => ({
    shapes: [[m!, n!]],
    apply: ([x]) => transpose(x!),
    reference: ([x]) => x!.map((_, at) => x![(at % m!) * n! + Math.floor(at / m!)]!),
  })),
  reshape: [[[6], [2, 3]], [[3, 5], [15]], [[2, 8], [4, 4]]].map(([from, to]) => ({
    shapes: [from!],
    apply: ([x]) => reshape(x!, to!),
    reference: ([x]) => x!,
  })),
  matmul: SIZES.map(([m, k, n]) => ({
    shapes: [[m, k], [k, n]],
    apply: ([a, b]) => matmul(a!, b!),
    reference: ([a, b]) => product([m, k, n], (i, l) => a![i * k + l]!, (l, j) => b![l * n + j]!),
  })),
  matmulNT: SIZES.map(([m, k, n]) => ({
    shapes: [[m, k], [n, k]],
    apply: ([a, b]) => matmulNT(a!, b!),
    reference: ([a, b]) => product([m, k, n], (i, l) => a![i * k + l]!, (l, j) => b![j * k + l]!),
  })),
  matmulTN: SIZES.map(([m, k, n]) => ({
    shapes: [[k, m], [k, n]],
    apply: ([a, b]) => matmulTN(a!, b!),
    reference: ([a, b]) => product([m, k, n], (i, l) => a![l * m + i]!, (l, j) => b![l * n + j]!),
  })),
  linear: SIZES.flatMap((sizes) =>
    [false, true].map((bias) => layerCase(linear, sizes, bias, (out) => out))
  ),
  bilinear: SIZES.flatMap(([m, k, n]) =>
    [false, true].map((bias) => layerCase(bilinear, [m, k, 2 * n], bias, halves(2 * n)))
  ),
  crossEntropy: [1, 5].map((scale) => ({
    shapes: [[LABELS.length, 5]],
    range: [-scale, scale],
    apply: ([x]) => crossEntropy(x!, indices(LABELS)),
    reference: ([x]) => [
      rowsOf(x!, 5).reduce((total, row, i) => total - Math.log(softmaxRow(row)[LABELS[i]!]!), 0) /
      LABELS.length,
    ],
  })),
};
