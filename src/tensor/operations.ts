import { kernels } from "../kernels/mod.ts";
import { record } from "./record.ts";
import { scope } from "./scope.ts";
import { sameShape, type Shape, shapeText, sizeOf } from "./shape.ts";
import { Tensor } from "./tensor.ts";

// Elementwise operations, sums and changes of shape. Each takes f32 tensors, returns a new one, and is
// recorded under its name for the derivative rules in autodiff/rules.ts.

/** Throws a TypeError unless all are f32, a ReferenceError if one was freed. */
export function checkFloats(action: string, ...inputs: readonly Tensor[]): void {
  for (const input of inputs) {
    if (input.dtype !== "f32") throw new TypeError(`Cannot ${action} ${input}: it must be f32`);
    void input.address; // a freed tensor throws here, before anything is allocated
  }
}

type PairKernel = "add" | "subtract" | "multiply" | "divide";

function pair(name: PairKernel, a: Tensor, b: Tensor): Tensor {
  checkFloats(name, a, b);
  if (!sameShape(a.shape, b.shape)) {
    throw new TypeError(
      `Cannot ${name} ${a} and ${b}: the shapes differ; use addRow() to add one row to every row`,
    );
  }
  const out = new Tensor(a.shape);
  kernels()[name](a.size, a.address, b.address, out.address);
  return record(name, [a, b], out);
}

/** a + b of equal shapes. @throws {TypeError} when the shapes differ. */
export function add(a: Tensor, b: Tensor): Tensor {
  return pair("add", a, b);
}

/** a − b of equal shapes. @throws {TypeError} when the shapes differ. */
export function subtract(a: Tensor, b: Tensor): Tensor {
  return pair("subtract", a, b);
}

/** a ⊙ b, the Hadamard product of equal shapes. @throws {TypeError} when the shapes differ. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  return pair("multiply", a, b);
}

/** a / b of equal shapes. @throws {TypeError} when the shapes differ. */
export function divide(a: Tensor, b: Tensor): Tensor {
  return pair("divide", a, b);
}

type SingleKernel = "exp" | "log" | "sqrt" | "relu";

function single(name: SingleKernel, x: Tensor): Tensor {
  checkFloats(name, x);
  const out = new Tensor(x.shape);
  kernels()[name](x.size, x.address, out.address);
  return record(name, [x], out);
}

/** eˣ of every element. */
export function exp(x: Tensor): Tensor {
  return single("exp", x);
}

/** Natural logarithm of every element; NaN for negative ones. */
export function log(x: Tensor): Tensor {
  return single("log", x);
}

/** Square root of every element; NaN for negative ones. */
export function sqrt(x: Tensor): Tensor {
  return single("sqrt", x);
}

/** max(x, 0) of every element; its derivative at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return single("relu", x);
}

/** factor · x + shift of every element. */
export function affine(x: Tensor, factor: number, shift = 0): Tensor {
  checkFloats("scale", x);
  const out = new Tensor(x.shape);
  kernels().affine(x.size, factor, shift, x.address, out.address);
  return record("affine", [x], out, [], { factor });
}

/** factor · x. */
export function scale(x: Tensor, factor: number): Tensor {
  return affine(x, factor);
}

/** Adds the row b [n] to every row of x […, n]. @throws {TypeError} when the lengths differ. */
export function addRow(x: Tensor, b: Tensor): Tensor {
  checkFloats("addRow", x, b);
  const [m, n] = rowsShape("add a row to", x);
  if (b.size !== n) {
    throw new TypeError(`Cannot add ${b} to every row of ${x}: a row has ${n} elements`);
  }
  const out = new Tensor(x.shape);
  kernels().addRow(m, n, x.address, b.address, out.address);
  return record("addRow", [x, b], out);
}

/** Σ of all elements, as a tensor []. */
export function sum(x: Tensor): Tensor {
  checkFloats("sum", x);
  return record("sum", [x], new Tensor([]).set([kernels().sum(x.size, x.address)]));
}

/** Mean of all elements, as a tensor []. @throws {RangeError} when there are none. */
export function mean(x: Tensor): Tensor {
  if (x.size === 0) throw new RangeError(`Cannot take the mean of ${x}: it is empty`);
  return scope(() => scale(sum(x), 1 / x.size));
}

/** Σ over the rows of x […, n], as a tensor [n]. */
export function sumRows(x: Tensor): Tensor {
  checkFloats("sumRows", x);
  const [m, n] = rowsShape("sum the rows of", x);
  const out = new Tensor([n]);
  kernels().sumRows(m, n, x.address, out.address, 0);
  return record("sumRows", [x], out);
}

/** Softmax of every row of x […, n]. */
export function softmax(x: Tensor): Tensor {
  checkFloats("softmax", x);
  const [m, n] = rowsShape("take the softmax of", x);
  const out = new Tensor(x.shape);
  kernels().softmaxRows(m, n, x.address, out.address);
  return record("softmax", [x], out);
}

/** xᵀ [n, m] of x [m, n]. */
export function transpose(x: Tensor): Tensor {
  checkFloats("transpose", x);
  const [m, n] = matrixShape("transpose", x);
  const out = new Tensor([n, m]);
  kernels().transpose(m, n, x.address, out.address);
  return record("transpose", [x], out);
}

/** The same elements in another shape. @throws {TypeError} when their number differs. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkFloats("reshape", x);
  if (sizeOf(shape) !== x.size) {
    throw new TypeError(
      `Cannot reshape ${x} to ${shapeText(shape)}: ${x.size} elements are not ${sizeOf(shape)}`,
    );
  }
  const out = new Tensor(shape);
  kernels().affine(x.size, 1, 0, x.address, out.address);
  return record("reshape", [x], out);
}

/** Index […] of the largest element of every row of x […, n], the first of equals; −1 for a row with NaN. */
export function argmax(x: Tensor): Tensor {
  checkFloats("argmax", x);
  const [m, n] = rowsShape("take the argmax of", x);
  const out = new Tensor(x.shape.slice(0, -1), "i32");
  kernels().argmaxRows(m, n, x.address, out.address);
  return out;
}

/** Rows and their width of a tensor […, width]. @throws {TypeError} when it is a single number. */
export function rowsShape(action: string, x: Tensor): [rows: number, width: number] {
  const width = x.shape.at(-1);
  if (width === undefined) throw new TypeError(`Cannot ${action} ${x}: it has no rows`);
  return [width === 0 ? sizeOf(x.shape.slice(0, -1)) : x.size / width, width];
}

/** Rows and columns of a matrix. @throws {TypeError} when it is none. */
export function matrixShape(action: string, x: Tensor): [rows: number, columns: number] {
  const [m, n] = x.shape;
  if (x.shape.length !== 2 || m === undefined || n === undefined) {
    throw new TypeError(`Cannot ${action} ${x}: it must be a matrix; reshape() it first`);
  }
  return [m, n];
}
