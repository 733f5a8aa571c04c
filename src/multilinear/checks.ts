import type { Matrix } from "../linalg/mod.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { count } from "./modes.ts";

/** Bytes that one result or the working memory may take: half of what 32-bit WebAssembly addresses. */
const MOST = 2 ** 31;

/** A shape as messages show it. */
export function text(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** @throws {TypeError} unless the entries fill the shape. */
export function requireDense({ shape, data }: DenseTensor, action: string): void {
  if (data.length === count(shape)) return;
  throw new TypeError(
    `${action} a tensor ${text(shape)} with ${data.length} entries: it takes ${
      count(shape)
    }; make it with denseTensor()`,
  );
}

/**
 * A tensor that can be decomposed: entries that fill its shape, at least `order` modes, none empty.
 *
 * @throws {TypeError} for another number of entries or too few modes; {RangeError} for an empty mode.
 */
export function requireTensor(x: DenseTensor, order: number, action: string): void {
  requireDense(x, action);
  if (x.shape.length < order) {
    throw new TypeError(
      `${action} ${text(x.shape)}: it has ${x.shape.length} modes, at least ${order} are needed${
        order > 2 ? "; use linalg.svd for a matrix" : ""
      }`,
    );
  }
  const empty = x.shape.indexOf(0);
  if (empty >= 0) throw new RangeError(`${action} ${text(x.shape)}: mode ${empty} has size 0`);
}

/** @throws {RangeError} unless the mode is one of the tensor's. */
export function requireMode(shape: readonly number[], mode: number, action: string): void {
  if (Number.isInteger(mode) && mode >= 0 && mode < shape.length) return;
  throw new RangeError(
    `${action} mode ${mode} of ${text(shape)}: modes are 0 to ${shape.length - 1}`,
  );
}

/** @throws {RangeError} unless a number is whole and at least `least`. */
export function requireWhole(value: number, least: number, what: string, action: string): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${action}: ${what} is ${value}, it must be a whole number ≥ ${least}`);
}

/** @throws {TypeError} unless there is one factor a mode, each [size, same number of columns]. */
export function requireFactors(
  factors: readonly Matrix[],
  shape: readonly number[],
  columns: number,
  action: string,
): void {
  if (factors.length !== shape.length) {
    throw new TypeError(
      `${action} ${text(shape)}: ${factors.length} factors, it has ${shape.length} modes`,
    );
  }
  factors.forEach(({ rows, columns: found, data }, mode) => {
    if (rows !== shape[mode] || found !== columns) {
      throw new TypeError(
        `${action} ${text(shape)}: factor ${mode} is [${rows}, ${found}], it must be [${
          shape[mode]
        }, ${columns}]`,
      );
    }
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RangeError(
        `${action} ${text(shape)}: entry (${Math.floor(bad / columns)}, ${
          bad % columns
        }) of factor ${mode} is ${data[bad]}, all entries must be finite`,
      );
    }
  });
}

/** @throws {RangeError} with the bytes, when so many f64 do not fit. */
export function requireRoom(numbers: number, action: string, remedy: string): void {
  const bytes = 8 * numbers;
  if (bytes <= MOST) return;
  throw new RangeError(
    `${action}: it takes ${(bytes / 1e9).toFixed(1)} GB of f64, at most ${
      (MOST / 1e9).toFixed(1)
    } GB fit; ${remedy}`,
  );
}
