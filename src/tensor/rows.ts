import { integers, kernels } from "../kernels/mod.ts";
import { checkFloats, matrixShape, rowsShape } from "./operations.ts";
import { record } from "./record.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

/**
 * x / √(mean x² + ε) of every row of x […, n]: root-mean-square normalisation without a scale.
 * Source: Zhang & Sennrich 2019.
 */
export function rmsNorm(x: Tensor, epsilon = 1e-8): Tensor {
  checkFloats("normalise", x);
  const [m, n] = rowsShape("normalise", x);
  return scope(() => {
    const out = new Tensor(x.shape), inverse = new Tensor([m]);
    kernels().rmsNormForward(m, n, epsilon, x.address, out.address, inverse.address);
    return record("rmsNorm", [x], out, [inverse]);
  });
}

/** Gradient of {@linkcode rmsNorm} from its output y, the inverse roots and the gradient g of y. */
export function rmsNormGradient(y: Tensor, inverse: Tensor, g: Tensor): Tensor {
  const [m, n] = rowsShape("differentiate", y);
  const out = new Tensor(y.shape);
  kernels().rmsNormBackward(m, n, y.address, inverse.address, g.address, out.address);
  return out;
}

/** Every row of x […, n] ⊙ b [n]. @throws {TypeError} when the lengths differ. */
export function multiplyRow(x: Tensor, b: Tensor): Tensor {
  checkFloats("multiplyRow", x, b);
  const [m, n] = rowsShape("multiply the rows of", x);
  if (b.size !== n) {
    throw new TypeError(`Cannot multiply every row of ${x} by ${b}: a row has ${n} elements`);
  }
  const out = new Tensor(x.shape);
  kernels().multiplyRow(m, n, x.address, b.address, out.address);
  return record("multiplyRow", [x, b], out);
}

/**
 * Rows of a table [count, n] at indices […] of i32, as a tensor […, n].
 *
 * @throws {TypeError} when the indices are not i32; {RangeError} for an index that is no row.
 */
export function gatherRows(table: Tensor, at: Tensor): Tensor {
  checkFloats("pick rows of", table);
  const [count, n] = matrixShape("pick rows of", table);
  if (at.dtype !== "i32") {
    throw new TypeError(`Cannot pick rows at ${at}: indices are i32, made by indices()`);
  }
  const wrong = integers(at.address, at.size).findIndex((index) => index < 0 || index >= count);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot pick rows of ${table}: index ${wrong} is ${
        integers(at.address, at.size)[wrong]
      }, and the rows are 0 to ${count - 1}`,
    );
  }
  const out = new Tensor([...at.shape, n]);
  kernels().gatherRows(at.size, n, table.address, at.address, out.address);
  return record("gatherRows", [table], out, [at]);
}

/** Gradient of the table [count, n] of {@linkcode gatherRows}: the rows of g added where they came from. */
export function scatterRows(table: Tensor, at: Tensor, g: Tensor): Tensor {
  const out = new Tensor(table.shape).set(new Float32Array(table.size));
  kernels().scatterRows(at.size, table.shape[1]!, g.address, at.address, out.address);
  return out;
}
