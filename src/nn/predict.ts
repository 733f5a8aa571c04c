import { floats, kernels } from "../kernels/mod.ts";
import { scope, type Tensor, tensor } from "../tensor/mod.ts";

/** Most rows that `predict` computes at a time. */
const ROWS = 2048;

/** @throws {RangeError} for a value that is not finite in f32. */
export function checkFinite(action: string, values: ArrayLike<number>): void {
  if (values instanceof Float32Array && allFinite(values)) return;
  for (let i = 0; i < values.length; i++) {
    // Math.fround: 1e300 is finite, but no f32
    if (!Number.isFinite(Math.fround(values[i]!))) throw notFinite(action, values, i);
  }
}

function notFinite(action: string, values: ArrayLike<number>, i: number): RangeError {
  return new RangeError(`${action}: value ${i} is ${values[i]}, and must be finite in f32`);
}

/** Whether no value is infinite or NaN: each less itself is then 0. Four sums, so that none waits. */
function allFinite(values: Float32Array): boolean {
  let a = 0, b = 0, c = 0, d = 0, i = 0;
  for (; i + 4 <= values.length; i += 4) {
    const v0 = values[i]!, v1 = values[i + 1]!, v2 = values[i + 2]!, v3 = values[i + 3]!;
    a += v0 - v0;
    b += v1 - v1;
    c += v2 - v2;
    d += v3 - v3;
  }
  for (; i < values.length; i++) a += values[i]! - values[i]!;
  return a + b + c + d === 0;
}

/** Outputs [rows · outputs] of a network for rows of plain numbers, part by part. */
export function predict(
  apply: (x: Tensor) => Tensor,
  inputs: number,
  outputs: number,
  values: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  if (inputs === 0) {
    throw new TypeError(
      "Cannot predict from numbers: this model takes indices; call model(indices(…))",
    );
  }
  const rows = values.length / inputs;
  if (!Number.isInteger(rows)) {
    throw new TypeError(
      `Cannot predict from ${values.length} values: a row has ${inputs}, and there must be whole rows`,
    );
  }
  const all = values instanceof Float32Array ? values : Float32Array.from(values);
  const result = new Float32Array(rows * outputs);
  // parts of nearly equal size: a last part of few rows would be computed by another kernel
  const parts = Math.ceil(rows / ROWS);
  for (let part = 0; part < parts; part++) {
    const row = Math.floor(part * rows / parts), end = Math.floor((part + 1) * rows / parts);
    scope(() => {
      const x = tensor(all.subarray(row * inputs, end * inputs), [end - row, inputs]);
      const bad = kernels().firstNotFinite(x.size, x.address);
      if (bad < x.size) throw notFinite("Cannot predict", values, row * inputs + bad);
      const y = apply(x);
      result.set(floats(y.address, y.size), row * outputs);
    });
  }
  return result;
}
