import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { timesTransposed } from "./row_product.ts";
import type { Model } from "../nn/mod.ts";
import { frobeniusAbove, gamma, rowNormsAbove, SLACK, UNIT_F32 } from "./rounding.ts";

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

/** A part of a bound that is zero. */
const NONE: Float64Array = new Float64Array(0);
/** f32 numbers end below 2¹²⁸. */
const OVERFLOW = 2 ** 127;
/** What a sum of products too small for f32 may lose, also where such numbers are flushed to 0. */
const UNDERFLOW = 2 ** -110;
/** Pays for folding layers and evaluating margins in f64, whose errors have the same form in 2⁻⁵³. */
const FOLDING = 1 + 2 ** -20;

/**
 * Bounds on the error of the f32 forward pass, for sums in any order and with or without fused
 * multiply-add, from magnitudes at the point and Lipschitz constants around it. They also cover the
 * rounding of folding the layers and of evaluating the outputs in f64. Source: Higham 2002, chapter 3,
 * applied layer by layer.
 *
 * @throws {TypeError} for a model with other layers than linear ones and one bilinear one without a gate.
 * @example
 * ```ts
 * import { guarantee, linalg, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 2)], { seed: 1 });
 * const bounds = guarantee.forwardErrors(model).of(linalg.fromRows([[1, 0, 0, 1]]));
 * console.log(bounds.at(0, 1, 0.5)); // of output 1 within ½ of the input: about 1e-6
 * ```
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
  return model.layers.map(({ config, parameters }, i) => {
    const plain = config.type === "linear" || config.type === "bilinear" && !config.gate;
    if (!plain || (config.type === "bilinear" && multiplied)) {
      throw new TypeError(
        `Cannot bound the f32 error of a model with layer ${i} of type ${config.type}${
          plain ? ", the second of them" : "gate" in config ? " and a gate" : ""
        }: only linear layers and one ungated bilinear one are understood`,
      );
    }
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
  // the input has no error, and of it only the length is bounded around the row
  let magnitude: Bound = [rows.data.map(Math.abs), NONE, NONE], error: Bound = [NONE, NONE, NONE];
  const peak = bound(count);
  layers.forEach(({ type, weight, magnitude: absolute, bias, slopes }, l) => {
    const width = weight.rows, unit = gamma(weight.columns + 2, UNIT_F32);
    const through = (part: Float64Array): Float64Array =>
      part === NONE
        ? new Float64Array(count * width)
        : timesTransposed(matrix(count, weight.columns, part), absolute).data;
    const sums = magnitude.map(through) as unknown as Bound;
    // what Cauchy and Schwarz make of that length
    if (l === 0) spread(slopes!, sums[1]);
    for (let i = 0; i < sums[0].length; i++) sums[0][i]! += Math.abs(bias[i % width]!);
    const carried = error.map(through) as unknown as Bound;
    const off = combine(carried, 1 + unit, sums, unit);
    let size = sums;
    if (exact && slopes) {
      const values = timesTransposed(exact, weight);
      size = bound(count * width);
      for (let i = 0; i < values.data.length; i++) {
        values.data[i]! += bias[i % width]!;
        size[0][i] = Math.abs(values.data[i]!);
      }
      spread(slopes, size[1]);
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
    const p0 = size[0][a]!, p1 = size[1][a]!, q0 = size[0][b]!, q1 = size[1][b]!;
    const d0 = off[0][a]!, d1 = off[1][a]!, e0 = off[0][b]!, e1 = off[1][b]!;
    // (p + d)(q + e) − pq, rounded, with room for its own rounding
    const own = 2 * UNIT_F32;
    magnitude[0][i] = p0 * q0;
    magnitude[1][i] = p0 * q1 + p1 * q0;
    magnitude[2][i] = p1 * q1;
    error[0][i] = (1 + own) * ((p0 + d0) * e0 + d0 * q0) + own * magnitude[0][i]! + UNDERFLOW;
    error[1][i] = (1 + own) * ((p0 + d0) * e1 + (p1 + d1) * e0 + d0 * q1 + d1 * q0) +
      own * magnitude[1][i]!;
    error[2][i] = (1 + own) * ((p1 + d1) * e1 + d1 * q1) + own * magnitude[2][i]!;
  }
  return [magnitude, error];
}

function bound(count: number): Bound {
  return [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
}

/** αA + βB, and what products too small for f32 lose. */
function combine(a: Bound, alpha: number, b: Bound, beta: number): Bound {
  const result = bound(a[0].length);
  result.forEach((target, c) => {
    const one = a[c as 0 | 1 | 2], other = b[c as 0 | 1 | 2], lost = c === 0 ? UNDERFLOW : 0;
    for (let i = 0; i < target.length; i++) target[i] = alpha * one[i]! + beta * other[i]! + lost;
  });
  return result;
}

/** Repeats a row in every row. */
function spread(row: Float64Array, target: Float64Array): void {
  for (let start = 0; start < target.length; start += row.length) target.set(row, start);
}

/** Adds the sums of rows: a bound on every intermediate result. */
function raise(peak: Bound, found: Bound, width: number): void {
  found.forEach((part, c) => {
    const target = peak[c as 0 | 1 | 2];
    for (let row = 0, i = 0; row < target.length; row++) {
      let sum = 0;
      for (const end = i + width; i < end; i++) sum += part[i]!;
      target[row]! += sum;
    }
  });
}

function evaluate([c0, c1, c2]: Bound, i: number, radius: number): number {
  return c0[i]! + (c1[i]! + c2[i]! * radius) * radius;
}
