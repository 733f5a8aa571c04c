import { fromRows, matmul, type Matrix, matrix } from "../../src/linalg/mod.ts";
import {
  cpToTensor,
  type DenseTensor,
  denseTensor,
  norm,
  ttToTensor,
} from "../../src/multilinear/mod.ts";
import { type FixtureArray, readGoldenJson } from "../support/fixtures.ts";
import { type Numbers, numbers } from "../support/numbers.ts";

/** One tensor of tensors.json with what NumPy found. */
export interface TensorCase {
  readonly tensor: FixtureArray;
  readonly norm: number;
  readonly mode_singular_values: readonly FixtureArray[];
  readonly hosvd: readonly {
    readonly ranks: readonly number[];
    readonly rel_error: number;
    readonly core_norm: number;
    readonly projectors: readonly FixtureArray[] | null;
  }[];
  readonly hooi: readonly { readonly ranks: readonly number[]; readonly rel_error: number }[];
  readonly cp_als: readonly {
    readonly rank: number;
    readonly init_factors: readonly FixtureArray[];
    readonly rel_error_after_1: number;
    readonly after_2: number;
    readonly after_10: number;
    readonly after_50: number;
    readonly after_500: number;
    readonly rel_error_best_of_10_random_starts_300_iters: number;
  }[];
}

/** The reference tensors by name. */
export function tensorCases(): [string, TensorCase, DenseTensor][] {
  return Object.entries(readGoldenJson<Record<string, TensorCase>>("tensors.json"))
    .map(([name, found]) => [name, found, denseTensor(found.tensor.shape, found.tensor.data)]);
}

export function toMatrix({ shape, data }: FixtureArray): Matrix {
  return matrix(shape[0]!, shape[1]!, data);
}

/** A tensor of numbers in [−1, 1). */
export function randomTensor(shape: readonly number[], source: Numbers): DenseTensor {
  return denseTensor(shape, source.doubles(shape.reduce((a, b) => a * b, 1)));
}

export function randomMatrix(rows: number, columns: number, source: Numbers): Matrix {
  return matrix(rows, columns, source.doubles(rows * columns));
}

/** ‖x − y‖ / ‖y‖ of tensors of one shape, without overflow; 0 where both are zero. */
export function distance(x: DenseTensor, y: DenseTensor): number {
  const difference = { shape: x.shape, data: x.data.map((value, i) => value - y.data[i]!) };
  const size = norm(difference);
  return size === 0 ? 0 : size / norm(y);
}

/** U·Uᵀ */
export function projector(u: Matrix): Matrix {
  return matmul(u, u, "NT");
}

/** Largest |UᵀU − I|. */
export function fromOrthonormal(u: Matrix): number {
  return matmul(u, u, "TN").data.reduce((worst, value, i) => {
    const diagonal = i % (u.columns + 1) === 0 ? 1 : 0;
    return Math.max(worst, Math.abs(value - diagonal));
  }, 0);
}

const KINDS = ["plain", "low rank", "graded", "zero", "one entry", "huge", "tiny"] as const;

/** Tensors of every kind and many shapes, sizes 1 and 2 among them: three to five modes unless said. */
export function* hostileTensors(
  count: number,
  orders: readonly [least: number, most: number] = [2, 5],
): Generator<[what: string, x: DenseTensor]> {
  for (let seed = 1; seed <= count; seed++) {
    const source = numbers(seed), [order] = source.whole(1, ...orders) as [number];
    const largest = order > 4 ? 3 : order === 2 ? 12 : 6;
    const shape = source.whole(order, 1, largest), kind = KINDS[seed % KINDS.length]!;
    yield [`${kind} [${shape}], seed ${seed}`, tensorOf(kind, shape, source)];
  }
}

function tensorOf(
  kind: typeof KINDS[number],
  shape: readonly number[],
  source: Numbers,
): DenseTensor {
  const plain = randomTensor(shape, source), factor = kind === "huge" ? 1e150 : 1e-150;
  switch (kind) {
    case "low rank":
      return cpToTensor({
        weights: Float64Array.of(1, 0.5),
        factors: shape.map((size) => randomMatrix(size, 2, source)),
      });
    case "graded":
      return ttToTensor({
        cores: shape.map((size, i) => {
          const [r, s] = [i === 0 ? 1 : 3, i === shape.length - 1 ? 1 : 3];
          const data = source.doubles(r * size * s).map((value, at) =>
            value * 10 ** (-3 * (at % 3))
          );
          return denseTensor([r, size, s], data);
        }),
      });
    case "zero":
      return denseTensor(shape);
    case "one entry": {
      const x = denseTensor(shape);
      x.data[x.data.length - 1] = -3;
      return x;
    }
    case "huge":
    case "tiny":
      return { shape, data: plain.data.map((value) => value * factor) };
    default:
      return plain;
  }
}

/** cos(2π(a + b − q)/p) as [q, a, b]: addition modulo p in one frequency. */
export function additionTensor(p: number, frequencies: readonly number[] = [1]): DenseTensor {
  const x = denseTensor([p, p, p]);
  for (let at = 0; at < p ** 3; at++) {
    const [q, a, b] = [Math.floor(at / p ** 2), Math.floor(at / p) % p, at % p];
    for (const k of frequencies) x.data[at]! += Math.cos(2 * Math.PI * k * (a + b - q) / p);
  }
  return x;
}

/** Orthonormal columns cos and sin of one frequency [p, 2]. */
export function plane(p: number, k: number): Matrix {
  const by = Math.sqrt(2 / p);
  return fromRows(Array.from({ length: p }, (_, i) => {
    const angle = 2 * Math.PI * k * i / p;
    return [by * Math.cos(angle), by * Math.sin(angle)];
  }));
}
