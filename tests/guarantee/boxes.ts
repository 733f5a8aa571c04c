// Small random forms, and their smallest value over a box by trying every face.
import { interactions, type QuadraticForm } from "../../src/decompose/mod.ts";
import type { Box } from "../../src/guarantee/mod.ts";
import { numbers } from "../support/numbers.ts";
import { network } from "../support/networks.ts";

/** A form of random factors, with or without biases. */
export function randomForm(inputs: number, neurons: number, seed: number): QuadraticForm {
  const shape = { name: "", inputs, before: [], neurons, after: [2] };
  const model = network(shape, seed % 2 === 0 ? "all" : "none", seed);
  const form = interactions(model).difference(0, 1);
  model[Symbol.dispose]();
  return form;
}

/** A box with random sides, a few of them of no width. */
export function randomBox(inputs: number, seed: number): Box {
  const draw = numbers(seed + 9000), lower = draw.doubles(inputs);
  const upper = lower.map((x) => draw.next() < 0.1 ? x : x + draw.next(0, 2));
  return { lower, upper };
}

/** A point of a box. */
export function pointIn({ lower, upper }: Box, next: () => number): Float64Array {
  return lower.map((low, i) => Math.min(upper[i]!, low + next() * (upper[i]! - low)));
}

/**
 * The smallest value over a box: on some face of it the gradient along the face is 0, so every face is
 * solved, 3ⁿ linear systems.
 */
export function exactMinimum(form: QuadraticForm, { lower, upper }: Box): number {
  const n = lower.length, q = form.dense().data;
  let best = Infinity;
  for (let code = 0; code < 3 ** n; code++) {
    const sides = Array.from({ length: n }, (_, i) => Math.floor(code / 3 ** i) % 3);
    const x = lower.map((low, i) => sides[i] === 0 ? low : sides[i] === 1 ? upper[i]! : 0);
    const free = sides.flatMap((side, i) => side === 2 ? [i] : []);
    const rows = free.map((i) => {
      let right = -form.linear[i]!;
      for (let j = 0; j < n; j++) if (sides[j] !== 2) right -= 2 * q[i * n + j]! * x[j]!;
      return [...free.map((j) => 2 * q[i * n + j]!), right];
    });
    const solved = solve(rows);
    if (!solved) continue;
    free.forEach((i, at) => x[i] = solved[at]!);
    if (x.every((value, i) => value >= lower[i]! - 1e-12 && value <= upper[i]! + 1e-12)) {
      best = Math.min(best, form.evaluate(x));
    }
  }
  return best;
}

/** Gauss with pivoting; undefined where the matrix is singular. */
function solve(rows: number[][]): number[] | undefined {
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c; r < n; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    if (Math.abs(rows[pivot]![c]!) < 1e-12) return undefined;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r]![c]! / rows[c]![c]!;
      for (let k = c; k <= n; k++) rows[r]![k]! -= factor * rows[c]![k]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}
