// One list of examples for every derivative rule: the operation, and the same in plain f64.
import { activation } from "../../src/kernels/reference/mod.ts";
import {
  activate,
  add,
  addRow,
  affine,
  bilinear,
  causalAttention,
  crossEntropy,
  divide,
  exp,
  gatherRows,
  indices,
  linear,
  log,
  matmul,
  matmulNT,
  matmulTN,
  multiply,
  multiplyRow,
  relu,
  reshape,
  rmsNorm,
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
  sizes: readonly (readonly number[])[] = [[1], [5, 7], [17]],
): RuleCase[] =>
  sizes.map((shape) => ({
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

/** An example whose first input has more axes than two, and its output the same; the numbers stay. */
const deeper = (shape: readonly number[], { shapes, ...rest }: RuleCase): RuleCase => ({
  ...rest,
  shapes: [shape, ...shapes.slice(1)],
});

/** Every activation with its code in the kernels; kinks are kept at a distance. */
const ACTIVATIONS = [
  { kind: "relu", code: 0, beta: 1 },
  { kind: "gelu", code: 1, beta: 1 },
  { kind: "gelu-tanh", code: 2, beta: 1 },
  { kind: "silu", code: 3, beta: 1 },
  { kind: "silu", code: 3, beta: 2.5 },
  { kind: "sigmoid", code: 4, beta: 1 },
  { kind: "tanh", code: 5, beta: 1 },
] as const;

/** act(left half) times right half of every row of length n. */
const gated = (n: number, code: number, beta: number) => (out: Float64Array): Float64Array =>
  Float64Array.from({ length: out.length / 2 }, (_, at) => {
    const start = Math.floor(at / (n / 2)) * n + at % (n / 2);
    return activation(code, out[start]!, beta) * out[start + n / 2]!;
  });

/** Causal attention with rotary positions of qkv [batch, length, 3·heads·width], number by number. */
function attention(
  [batch, length, heads, width]: readonly [number, number, number, number],
  base: number,
  qkv: Float64Array,
): Float64Array {
  const d = heads * width, half = width / 2;
  const at = (b: number, t: number, part: number, h: number, j: number): number =>
    qkv[(b * length + t) * 3 * d + part * d + h * width + j]!;
  const turned = (b: number, t: number, part: number, h: number, j: number): number => {
    const angle = t * base ** (-2 * (j % half) / width), other = j < half ? j + half : j - half;
    const sign = j < half ? -1 : 1;
    return at(b, t, part, h, j) * Math.cos(angle) +
      sign * at(b, t, part, h, other) * Math.sin(angle);
  };
  const out = new Float64Array(batch * length * d);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let t = 0; t < length; t++) {
        const scores = Float64Array.from({ length: t + 1 }, (_, s) => {
          let score = 0;
          for (let j = 0; j < width; j++) score += turned(b, t, 0, h, j) * turned(b, s, 1, h, j);
          return score / Math.sqrt(width);
        });
        softmaxRow(scores).forEach((share, s) => {
          for (let j = 0; j < width; j++) {
            const place = (b * length + t) * d + h * width + j;
            out[place] = out[place]! + share * at(b, s, 2, h, j);
          }
        });
      }
    }
  }
  return out;
}

const SIZES = [[1, 1, 1], [3, 5, 2], [9, 17, 4]] as const;

const LABELS = [4, 0, 2, 2];

type Place = (sizes: readonly [number, number, number], row: number, column: number) => number;

/** Examples of a matrix product: matrices of all sizes, and 6 × 3 × 2 with more axes. */
const products = (
  apply: (a: Tensor, b: Tensor) => Tensor,
  shapes: (sizes: readonly [number, number, number]) => [number[], number[]],
  deep: readonly [number[], number[]][],
  { first, second }: { readonly first: Place; readonly second: Place },
): RuleCase[] =>
  [
    ...SIZES.map((sizes) => ({ sizes, own: shapes(sizes) })),
    ...deep.map((own) => ({ sizes: [6, 3, 2] as const, own })),
  ].map(({ sizes, own }) => ({
    shapes: own,
    apply: ([a, b]) => apply(a!, b!),
    reference: ([a, b]) =>
      product(sizes, (i, l) => a![first(sizes, i, l)]!, (l, j) => b![second(sizes, l, j)]!),
  }));

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
  activate: ACTIVATIONS.flatMap(({ kind, code, beta }) =>
    singles(
      (x) => activate(x, kind, beta),
      (x) => activation(code, x, beta),
      code === 0 ? { gap: 0.1 } : { range: [-3, 3] },
      [[9], [5, 7], [2, 3, 4]], // one slope alone may be all but 0
    )
  ),
  addRow: [[[1, 1], 1], [[4, 7], 7], [[5, 17], 17], [[2, 3, 5], 5], [[4], 4]].map((
    [shape, n],
  ): RuleCase => ({
    shapes: [shape as number[], [n as number]],
    apply: ([x, b]) => addRow(x!, b!),
    reference: ([x, b]) => x!.map((value, at) => value + b![at % (n as number)]!),
  })),
  multiplyRow: [[[1, 1], 1], [[4, 7], 7], [[2, 3, 5], 5], [[4], 4]].map(([shape, n]): RuleCase => ({
    shapes: [shape as number[], [n as number]],
    apply: ([x, b]) => multiplyRow(x!, b!),
    reference: ([x, b]) => x!.map((value, at) => value * b![at % (n as number)]!),
  })),
  rmsNorm: [[1, 1], [4, 7], [3, 17], [2, 3, 5], [4]].map((shape): RuleCase => ({
    shapes: [shape],
    apply: ([x]) => rmsNorm(x!, 0.5),
    reference: ([x]) =>
      rowsOf(x!, shape.at(-1)!).flatMap((row) => {
        const root = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / row.length + 0.5);
        return [...row.map((value) => value / root)];
      }),
  })),
  gatherRows: [[1, 1, [0]], [5, 3, [4, 0, 2, 2, 2, 4]], [3, 17, [1]]].map(([count, n, rows]) => ({
    shapes: [[count as number, n as number]],
    apply: ([table]): Tensor => gatherRows(table!, indices(rows as number[])),
    reference: ([table]): number[] =>
      (rows as number[]).flatMap((row) => [...rowsOf(table!, n as number)[row]!]),
  })),
  causalAttention: ([
    [1, 1, 1, 2],
    [2, 3, 1, 2],
    [1, 5, 2, 4],
    [2, 4, 3, 2],
  ] as const).flatMap((sizes) =>
    [10_000, 4].map((base): RuleCase => ({
      shapes: [[sizes[0], sizes[1], 3 * sizes[2] * sizes[3]]],
      apply: ([qkv]) => causalAttention(qkv!, sizes[2], base),
      reference: ([qkv]) => attention(sizes, base, qkv!),
    }))
  ),
  sum: [[], [7], [3, 11]].map((shape) => ({
    shapes: [shape],
    apply: ([x]) => sum(x!),
    reference: ([x]) => [x!.reduce((a, b) => a + b, 0)],
  })),
  sumRows: [[1, 4], [5, 7], [9, 17], [2, 3, 5], [4]].map((shape) => ({
    shapes: [shape],
    apply: ([x]) => sumRows(x!),
    reference: ([x]) =>
      Float64Array.from(
        { length: shape.at(-1)! },
        (_, j) => rowsOf(x!, shape.at(-1)!).reduce((total, row) => total + row[j]!, 0),
      ),
  })),
  softmax: [[1, 1], [4, 5], [3, 17], [2, 3, 5], [4]].map((shape) => ({
    shapes: [shape],
    range: [-2, 2],
    apply: ([x]) => softmax(x!),
    reference: ([x]) => rowsOf(x!, shape.at(-1)!).flatMap((row) => [...softmaxRow(row)]),
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
  matmul: products(matmul, ([m, k, n]) => [[m, k], [k, n]], [[[2, 3, 3], [3, 2]]], {
    first: ([, k], i, l) => i * k + l,
    second: ([, , n], l, j) => l * n + j,
  }),
  matmulNT: products(matmulNT, ([m, k, n]) => [[m, k], [n, k]], [[[2, 3, 3], [2, 3]]], {
    first: ([, k], i, l) => i * k + l,
    second: ([, k], l, j) => j * k + l,
  }),
  matmulTN: products(
    matmulTN,
    ([m, k, n]) => [[k, m], [k, n]],
    [[[3, 1, 6], [3, 1, 2]], [[3, 6], [1, 3, 2]], [[1, 3, 6], [3, 2]]],
    { first: ([m], i, l) => l * m + i, second: ([, , n], l, j) => l * n + j },
  ),
  linear: [
    ...SIZES.flatMap((sizes) =>
      [false, true].map((bias) => layerCase(linear, sizes, bias, (out) => out))
    ),
    deeper([2, 3, 5], layerCase(linear, [6, 5, 4], true, (out) => out)),
    deeper([5], layerCase(linear, [1, 5, 4], true, (out) => out)),
  ],
  bilinear: [
    ...SIZES.flatMap(([m, k, n]) =>
      [false, true].map((bias) => layerCase(bilinear, [m, k, 2 * n], bias, halves(2 * n)))
    ),
    deeper([2, 3, 5], layerCase(bilinear, [6, 5, 4], true, halves(4))),
    deeper([5], layerCase(bilinear, [1, 5, 4], true, halves(4))),
    ...ACTIVATIONS.flatMap(({ kind, code, beta }) => {
      const apply = (x: Tensor, w: Tensor, b?: Tensor): Tensor => bilinear(x, w, b, { kind, beta });
      return [
        ...[false, true].map((bias) => layerCase(apply, [2, 5, 6], bias, gated(6, code, beta))),
        deeper([2, 2, 3], layerCase(apply, [4, 3, 4], true, gated(4, code, beta))),
      ];
    }),
  ],
  crossEntropy: [1, 5].flatMap((scale) =>
    [0, 0.1, 1].flatMap((smoothing) =>
      [[LABELS.length, 5], [2, 2, 5]].map((shape) => ({
        shapes: [shape],
        range: [-scale, scale] as const,
        apply: ([x]: readonly Tensor[]) => crossEntropy(x!, indices(LABELS), smoothing),
        reference: ([x]: Values) => [
          rowsOf(x!, 5).reduce((total, row, i) =>
            softmaxRow(row).reduce((sum, share, j) => {
              const target = (j === LABELS[i] ? 1 - smoothing : 0) + smoothing / 5;
              return sum - target * Math.log(share);
            }, total), 0) / LABELS.length,
        ],
      }))
    )
  ),
};
