/** A dense array of any order in f64, the last index running fastest: a plain object. */
export interface DenseTensor {
  /** Sizes of the modes. */
  readonly shape: readonly number[];
  /** All entries, row-major [product of the shape]. */
  readonly data: Float64Array;
}

/**
 * A dense tensor over the given entries, zeros where none are given.
 *
 * @throws {TypeError} when the entries do not fill the shape; {RangeError} for a size that is no
 * whole number ≥ 0.
 * @example
 * ```ts
 * import { denseTensor } from "@odot/odot/multilinear";
 * const cube = denseTensor([2, 2, 2], [1, 0, 0, 0, 0, 0, 0, 1]);
 * console.log(cube.shape, cube.data);
 * ```
 */
export function denseTensor(shape: readonly number[], data?: ArrayLike<number>): DenseTensor {
  const bad = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (bad !== undefined) {
    throw new RangeError(
      `Cannot make a dense tensor [${shape.join(", ")}]: a size of ${bad} is no whole number ≥ 0`,
    );
  }
  const length = shape.reduce((product, size) => product * size, 1);
  if (data && data.length !== length) {
    throw new TypeError(
      `Cannot make a dense tensor [${
        shape.join(", ")
      }] of ${data.length} numbers: it holds ${length}`,
    );
  }
  return {
    shape: [...shape],
    data: data instanceof Float64Array
      ? data
      : data
      ? Float64Array.from(data)
      : new Float64Array(length),
  };
}
