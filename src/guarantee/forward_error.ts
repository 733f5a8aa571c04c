import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { frobeniusAbove, gamma, normAbove, rowNormsAbove, SLACK, UNIT_F32 } from "./rounding.ts";

/** How far a network as it runs in f32 may be from the exact polynomial, prepared for one model. */
export interface ForwardErrors {
  /** Bounds for rows of inputs [rows, inputs] that are f32 numbers. */
  of(rows: Matrix): ErrorBounds;
}

/** Error bounds that hold on every ball about every row. */
export interface ErrorBounds {
  /** |f32 output − exact output| at most, for every f32 input within the radius of the row. */
  at(row: number, output: number, radius: number): number;
}

/** A bound at every element as a polynomial c₀ + c₁R + c₂R² in the radius, [rows · width] each. */
type Bound = readonly [Float64Array, Float64Array, Float64Array];

interface Prepared {
  readonly type: "linear" | "bilinear";
  readonly weight: Matrix;
  readonly magnitude: Matrix;
  readonly bias: Float64Array;
  /** Lipschitz constants of what this layer adds up, over all layers so far; none after a product. */
  readonly slopes: Float64Array | undefined;
}

/** f32 numbers end below 2¹²⁸. */
const OVERFLOW = 2 ** 127;
/** What a product that is too small for f32 may lose, and a sum of them with room to spare. */
const UNDERFLOW = 2 ** -140;
/** Pays for folding layers and evaluating margins in f64, whose errors have the same form in 2⁻⁵³. */
const FOLDING = 1 + 2 ** -20;

/**
 * Bounds on the error of the f32 forward pass, for sums in any order and with or without fused
 * multiply-add, from magnitudes at the point and Lipschitz constants around it. They also cover the
 * rounding of folding the layers and of evaluating the outputs in f64. Source: Higham 2002, chapter 3,
 * applied layer by layer.
 */
export function forwardErrors(model: Model): ForwardErrors {
  const layers = prepare(model);
  return {
    of: (rows) => {
      const { error, peak } = propagate(layers, rows), width = model.outputs;
      return {
        at: (row, output, radius) => {
          const highest = evaluate(peak, row, radius);
          const bound = evaluate(error, row * width + output, radius) * SLACK * FOLDING;
          // NaN and what f32 cannot hold prove nothing
          return highest < OVERFLOW && bound < OVERFLOW ? bound : Infinity;
        },
      };
    },
  };
}

function prepare(model: Model): Prepared[] {
  let folded: Matrix | undefined, multiplied = false;
  return model.layers.map(({ config, parameters }) => {
    const tensor = parameters.get("weight")!, [outputs, inputs] = tensor.shape as [number, number];
    const weight = matrix(outputs, inputs, tensor.toArray());
    let slopes: Float64Array | undefined;
    if (!multiplied) {
      const rounding = folded ? gamma(inputs + 2) * frobeniusAbove(folded) : 0;
      folded = folded ? matmul(weight, folded) : weight;
      const own = rowNormsAbove(weight);
      slopes = rowNormsAbove(folded).map((x, i) => SLACK * (x + rounding * own[i]!));
    }
    if (config.type === "bilinear") multiplied = true;
    return {
      type: config.type === "bilinear" ? "bilinear" : "linear",
      weight,
      magnitude: matrix(outputs, inputs, weight.data.map(Math.abs)),
      bias: Float64Array.from(parameters.get("bias")?.toArray() ?? new Float32Array(outputs)),
      slopes,
    };
  });
}

function propagate(layers: readonly Prepared[], rows: Matrix): { error: Bound; peak: Bound } {
  const count = rows.rows;
  let exact: Matrix | undefined = rows;
  let magnitude = bound(rows.data.length), error = bound(rows.data.length);
  const peak = bound(count);
  magnitude[0].set(rows.data.map(Math.abs));
  layers.forEach(({ type, weight, magnitude: absolute, bias, slopes }, l) => {
    const width = weight.rows, unit = gamma(weight.columns + 2, UNIT_F32);
    const through = (part: Float64Array): Float64Array =>
      part.some((x) => x !== 0)
        ? matmul(matrix(count, weight.columns, part), absolute, "NT").data
        : new Float64Array(count * width);
    const sums = magnitude.map(through) as unknown as Bound;
    // of the input itself only the length is bounded, which Cauchy and Schwarz make the most of
    if (l === 0) sums[1].forEach((_, i) => sums[1][i] = slopes![i % width]!);
    sums[0].forEach((x, i) => sums[0][i] = x + Math.abs(bias[i % width]!));
    const carried = error.map(through) as unknown as Bound;
    const off = combine(carried, 1 + unit, sums, unit);
    off[0].forEach((x, i) => off[0][i] = x + UNDERFLOW);
    let size = sums;
    if (exact && slopes) {
      const values = matmul(exact, weight, "NT");
      values.data.forEach((x, i) => values.data[i] = x + bias[i % width]!);
      size = bound(count * width);
      size[0].set(values.data.map(Math.abs));
      size[1].forEach((_, i) => size[1][i] = slopes[i % width]!);
      exact = type === "linear" ? values : undefined;
    }
    raise(peak, sums, width);
    raise(peak, off, width);
    if (type === "linear") [magnitude, error] = [size, off];
    else {
      [magnitude, error] = multiplied(size, off, width);
      raise(peak, magnitude, width / 2);
      raise(peak, error, width / 2);
    }
  });
  return { error, peak };
}

/** Bounds after the product of the left and right halves of rows: its size and its error. */
function multiplied(size: Bound, off: Bound, width: number): [Bound, Bound] {
  const half = width / 2, count = size[0].length / 2;
  const magnitude = bound(count), error = bound(count);
  for (let i = 0; i < count; i++) {
    const a = Math.floor(i / half) * width + i % half, b = a + half;
    addProduct(magnitude, i, size, a, size, b, 1);
    addProduct(error, i, size, a, off, b, 1 + 2 * UNIT_F32);
    addProduct(error, i, off, a, size, b, 1 + 2 * UNIT_F32);
    addProduct(error, i, off, a, off, b, 1 + 2 * UNIT_F32);
    addProduct(error, i, size, a, size, b, 2 * UNIT_F32);
    error[0][i]! += UNDERFLOW;
  }
  return [magnitude, error];
}

function addProduct(
  [c0, c1, c2]: Bound,
  i: number,
  [a0, a1]: Bound,
  a: number,
  [b0, b1]: Bound,
  b: number,
  factor: number,
): void {
  c0[i]! += factor * a0[a]! * b0[b]!;
  c1[i]! += factor * (a0[a]! * b1[b]! + a1[a]! * b0[b]!);
  c2[i]! += factor * a1[a]! * b1[b]!;
}

function bound(count: number): Bound {
  return [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
}

function combine(a: Bound, alpha: number, b: Bound, beta: number): Bound {
  return a.map((part, c) =>
    part.map((x, i) => alpha * x + beta * b[c as 0 | 1 | 2][i]!)
  ) as unknown as Bound;
}

/** Adds, row by row, the largest elements: a bound on every intermediate result. */
function raise(peak: Bound, found: Bound, width: number): void {
  found.forEach((part, c) => {
    const target = peak[c as 0 | 1 | 2];
    for (let row = 0; row < target.length; row++) {
      target[row]! += normAbove(part.subarray(row * width, (row + 1) * width));
    }
  });
}

function evaluate([c0, c1, c2]: Bound, i: number, radius: number): number {
  return c0[i]! + (c1[i]! + c2[i]! * radius) * radius;
}
