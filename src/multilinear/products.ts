import { type Address, doubles, withBlocks } from "../kernels/mod.ts";
import { frobeniusNorm, type Matrix } from "../linalg/mod.ts";
import { requireDense, requireMode, requireRoom, text } from "./checks.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { around, count, multiplyMode, stored } from "./modes.ts";

/**
 * X ×ₘ M: a tensor multiplied along a mode by a matrix [m, I_mode]; the mode takes the size m. tensorly's
 * mode_dot.
 *
 * @throws {TypeError} when the sizes differ; {RangeError} for a mode it has not.
 * @example
 * ```ts
 * import { fromRows } from "@odot/odot/linalg";
 * import { denseTensor, modeProduct } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 1, 2], [1, 2, 3, 4]);
 * console.log(modeProduct(x, fromRows([[1, 1]]), 0).data.join()); // "4,6"
 * ```
 */
export function modeProduct(x: DenseTensor, matrix: Matrix, mode: number): DenseTensor {
  requireMode(x.shape, mode, "Cannot multiply");
  return multiModeProduct(x, x.shape.map((_, i) => i === mode ? matrix : undefined));
}

/**
 * X ×₀ M₀ ×₁ M₁ ⋯: one matrix [mₙ, Iₙ] a mode, `undefined` for a mode that stays. The products that
 * shrink the tensor most come first. tensorly's multi_mode_dot.
 *
 * @throws {TypeError} when the sizes differ.
 */
export function multiModeProduct(
  x: DenseTensor,
  matrices: readonly (Matrix | undefined)[],
): DenseTensor {
  requireDense(x, "Cannot multiply");
  if (matrices.length !== x.shape.length) {
    throw new TypeError(
      `Cannot multiply ${text(x.shape)} by ${matrices.length} matrices: give one a mode`,
    );
  }
  matrices.forEach((matrix, mode) => {
    if (!matrix || matrix.columns === x.shape[mode]) return;
    throw new TypeError(
      `Cannot multiply mode ${mode} of ${text(x.shape)} by [${matrix.rows}, ${matrix.columns}]: ${
        x.shape[mode]
      } and ${matrix.columns} differ; use transpose()`,
    );
  });
  const shape = x.shape.map((size, i) => matrices[i]?.rows ?? size);
  requireRoom(count(shape), `Cannot multiply ${text(x.shape)} to ${text(shape)}`, "keep factors");
  return stored([x.data], (at) => modeProductsAt(at, x.shape, matrices, "plain"));
}

/** The mode products of a tensor in the kernels' memory by matrices, or by the transposes of factors. */
export function modeProductsAt(
  x: Address,
  shape: readonly number[],
  matrices: readonly (Matrix | undefined)[],
  form: "plain" | "transposed",
): DenseTensor {
  const growth = (mode: number): number => {
    const { rows, columns } = matrices[mode]!;
    return form === "plain" ? rows / columns : columns / rows;
  };
  // among equals the last mode first: its product needs no slices
  const order = matrices.flatMap((matrix, mode) => matrix ? [mode] : [])
    .sort((a, b) => growth(a) - growth(b) || b - a);
  const step = (at: Address, sizes: readonly number[], next: number): DenseTensor => {
    if (next === order.length) {
      return { shape: sizes, data: doubles(at, count(sizes)).slice() };
    }
    const mode = order[next]!, { rows, columns, data } = matrices[mode]!;
    const m = form === "plain" ? rows : columns;
    const after = sizes.map((size, i) => i === mode ? m : size);
    return withBlocks([data.byteLength, count(after) * 8], (matrix, y) => {
      doubles(matrix!, data.length).set(data);
      multiplyMode(at, around(sizes, mode), matrix!, m, form, y!);
      return step(y!, after, next + 1);
    });
  };
  return step(x, [...shape], 0);
}

/**
 * A ⊗ B ⊗ ⋯ of matrices: blocks aᵢⱼ·B, [product of the rows, product of the columns].
 *
 * @throws {RangeError} when the result does not fit.
 */
export function kronecker(...matrices: readonly Matrix[]): Matrix {
  return matrices.reduce((a, b) => {
    const rows = a.rows * b.rows, columns = a.columns * b.columns;
    requireRoom(rows * columns, "Cannot form a Kronecker product", "multiply mode by mode instead");
    const data = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      const left = Math.floor(i / b.rows) * a.columns, right = (i % b.rows) * b.columns;
      for (let j = 0, to = i * columns; j < a.columns; j++) {
        const factor = a.data[left + j]!;
        for (let k = 0; k < b.columns; k++) data[to++] = factor * b.data[right + k]!;
      }
    }
    return { rows, columns, data };
  }, { rows: 1, columns: 1, data: Float64Array.of(1) });
}

/**
 * A ⊙ B ⊙ ⋯, the column-wise Kronecker product of matrices with equally many columns: [product of the
 * rows, columns]; rows of the last matrix run fastest.
 *
 * @throws {TypeError} for none, or another number of columns; {RangeError} when it does not fit.
 */
export function khatriRao(...matrices: readonly Matrix[]): Matrix {
  const [first, ...others] = matrices;
  if (!first) {
    throw new TypeError("Cannot form a Khatri–Rao product of no matrices: give one or more");
  }
  return others.reduce((a, b) => {
    if (a.columns !== b.columns) {
      throw new TypeError(
        `Cannot form a Khatri–Rao product of [${a.rows}, ${a.columns}] and [${b.rows}, ${b.columns}]: they must have equally many columns`,
      );
    }
    const { columns } = a, rows = a.rows * b.rows;
    requireRoom(rows * columns, "Cannot form a Khatri–Rao product", "use mttkrp()");
    const data = new Float64Array(rows * columns);
    for (let i = 0, to = 0; i < a.rows; i++) {
      for (let j = 0; j < b.rows; j++) {
        const left = i * columns, right = j * columns;
        for (let r = 0; r < columns; r++) data[to++] = a.data[left + r]! * b.data[right + r]!;
      }
    }
    return { rows, columns, data };
  }, { ...first, data: first.data.slice() });
}

/**
 * x ∘ y ∘ ⋯, the tensor of all products of entries of vectors.
 *
 * @throws {RangeError} when the result does not fit.
 * @example
 * ```ts
 * import { outer } from "@odot/odot/multilinear";
 * console.log(outer([1, 2], [3, 4]).data.join()); // "3,4,6,8"
 * ```
 */
export function outer(...vectors: readonly ArrayLike<number>[]): DenseTensor {
  const columns = vectors.map((vector) => ({
    ...{ rows: vector.length, columns: 1, data: Float64Array.from(vector) },
  }));
  return { shape: vectors.map(({ length }) => length), data: kronecker(...columns).data };
}

/**
 * ⟨X, Y⟩ = Σ xᵢ·yᵢ of two tensors of one shape.
 *
 * @throws {TypeError} when the shapes differ.
 */
export function inner(x: DenseTensor, y: DenseTensor): number {
  requireDense(x, "Cannot multiply");
  requireDense(y, "Cannot multiply");
  if (x.shape.length !== y.shape.length || x.shape.some((size, i) => size !== y.shape[i])) {
    throw new TypeError(
      `Cannot take the inner product of ${text(x.shape)} and ${text(y.shape)}: the shapes differ`,
    );
  }
  let sum = 0;
  for (let i = 0; i < x.data.length; i++) sum += x.data[i]! * y.data[i]!;
  return sum;
}

/** ‖X‖_F = √Σ xᵢ², without overflow or underflow on the way. */
export function norm({ data }: DenseTensor): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * data[i]!;
  // far from both ends of f64, nothing has overflowed and what underflowed does not count
  if (sum > 1e-200 && sum < 1e300) return Math.sqrt(sum);
  return frobeniusNorm({ rows: 1, columns: data.length, data });
}
