// Gradients by finite differences, in f64 throughout: what the derivative rules are compared with.
import { random } from "../../src/tensor/mod.ts";

/** Values of the inputs of a function, one array an input. */
export type Values = readonly Float64Array[];

/** Step of the stencil, for inputs of order 1. */
const STEP = 2e-3;

/**
 * Gradient of a scalar function by central differences of four points,
 * (f(x−2h) − 8f(x−h) + 8f(x+h) − f(x+2h)) / 12h: with h = 2e-3 and values of order 1 in f64 its error
 * is of order 1e-12, from h⁴·f⁽⁵⁾/30 and 2⁻⁵³/h alike.
 */
export function finiteDifferences(f: (values: Values) => number, at: Values): Float64Array[] {
  const values = at.map((array) => array.slice());
  return values.map((array) =>
    Float64Array.from(array.keys(), (i) => {
      const middle = array[i]!;
      const shifted = (steps: number): number => {
        array[i] = middle + steps * STEP;
        return f(values);
      };
      const slope = (shifted(-2) - 8 * shifted(-1) + 8 * shifted(1) - shifted(2)) / (12 * STEP);
      array[i] = middle;
      return slope;
    })
  );
}

/** f32 numbers drawn uniformly between two bounds, as f64: both precisions hold the same values. */
export function drawValues(seed: number, count: number, low: number, high: number): Float64Array {
  const drawn = random(seed).uniform([count], { low, high });
  const values = Float64Array.from(drawn.toArray());
  drawn[Symbol.dispose]();
  return values;
}
