import type { Matrix } from "../linalg/mod.ts";
import { requireDense, requireMode, text } from "./checks.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { around, count, folded, unfolded } from "./modes.ts";

/**
 * The unfolding of a tensor [I₀, …] along a mode: a matrix [I_mode, product of the others] whose rows are
 * the slices of the mode; the other modes keep their order, the last running fastest, as in tensorly.
 *
 * @throws {TypeError} when the entries do not fill the shape; {RangeError} for a mode it has not.
 * @example
 * ```ts
 * import { denseTensor, unfold } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
 * console.log(unfold(x, 1).data.join()); // "1,2,5,6,3,4,7,8"
 * ```
 */
export function unfold(x: DenseTensor, mode: number): Matrix {
  requireDense(x, "Cannot unfold");
  requireMode(x.shape, mode, "Cannot unfold");
  const [before, rows, after] = around(x.shape, mode);
  return { rows, columns: before * after, data: unfolded(x.data, [before, rows, after]) };
}

/**
 * The tensor of a shape whose unfolding along a mode this is: undoes {@linkcode unfold}.
 *
 * @throws {TypeError} when the matrix does not fit the shape; {RangeError} for a mode it has not.
 * @example
 * ```ts
 * import { denseTensor, fold, unfold } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 1, 2], [1, 2, 3, 4]);
 * console.log(fold(unfold(x, 2), 2, x.shape).data.join()); // "1,2,3,4"
 * ```
 */
export function fold(matrix: Matrix, mode: number, shape: readonly number[]): DenseTensor {
  requireMode(shape, mode, "Cannot fold");
  const { rows, columns, data } = matrix, entries = count(shape);
  if (rows !== shape[mode] || data.length !== entries || rows * columns !== entries) {
    throw new TypeError(
      `Cannot fold [${rows}, ${columns}] along mode ${mode} of ${text(shape)}: it must be [${
        shape[mode]
      }, ${shape[mode] ? entries / shape[mode]! : 0}]`,
    );
  }
  return { shape: [...shape], data: folded(data, around(shape, mode)) };
}
