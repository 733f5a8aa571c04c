import { eigh, frobeniusNorm, matmul, matrix, qr, transpose } from "../linalg/mod.ts";
import type { Interactions } from "./interactions.ts";
import { affineParts } from "./network.ts";
import { symmetricForm } from "./quadratic_form.ts";
import { row, stackColumns, stackRows } from "./rows.ts";

/** Where outputs are compared. */
export interface LogitErrorOptions {
  /** Length that inputs have at most, in their unit. */
  readonly radius: number;
  /** A bound that suffices: outputs whose cheap bound is below it are not looked at more closely. */
  readonly enough?: number;
}

/**
 * For every output how far two layers can differ for any input of length ≤ radius:
 * ‖Q − Q̂‖₂·radius² + ‖l − l̂‖₂·radius + |c − ĉ| [outputs], in the unit of the outputs. The spectral norm
 * is that of the eigensolver, plus its residual; the bound is attained where l and c are equal.
 *
 * @throws {TypeError} when the sizes differ; {RangeError} for a radius that is not finite or below 0.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(6, 5), nn.linear(5, 3)], { seed: 1 });
 * const whole = decompose.interactions(model);
 * const half = decompose.hosvd(whole, { rank: 2 });
 * const x = [0.5, 0.5, 0, 0, 0.5, 0.5]; // of length 1
 * const bound = decompose.logitErrorBound(whole, half.interactions, { radius: 1 });
 * const [exact, near] = [whole.evaluate(x), half.apply(x)];
 * console.log(exact.every((value, o) => Math.abs(value - near[o]!) <= bound[o]!)); // true
 * ```
 */
export function logitErrorBound(
  first: Interactions,
  second: Interactions,
  { radius, enough = 0 }: LogitErrorOptions,
): Float64Array {
  const { inputs, outputs } = first;
  if (second.inputs !== inputs || second.outputs !== outputs) {
    throw new TypeError(
      `Cannot compare layers ${inputs} → ${outputs} and ${second.inputs} → ${second.outputs}: give two of one size`,
    );
  }
  if (!(radius >= 0 && radius < Infinity)) {
    throw new RangeError(`Cannot bound errors within the radius ${radius}: give a finite one ≥ 0`);
  }
  const both = {
    left: stackRows([first.left, second.left]),
    right: stackRows([first.right, second.right]),
  };
  const readout = stackColumns([
    first.readout,
    matrix(outputs, second.neurons, second.readout.data.map((value) => -value)),
  ]);
  const pair = coordinates(both, inputs), size = pair.left.columns;
  const [one, other] = [affineParts(first), affineParts(second)];
  return Float64Array.from({ length: outputs }, (_, o) => {
    const gap = row(one.linear, o).map((value, i) => value - row(other.linear, o)[i]!);
    const affine = frobeniusNorm(matrix(1, inputs, gap)) * radius +
      Math.abs(one.constant[o]! - other.constant[o]!);
    const form = symmetricForm(row(readout, o), pair, size);
    const total = (norm: number): number => norm * radius * radius + affine;
    const cheap = total(frobeniusNorm(form));
    if (cheap <= enough) return cheap;
    const { values, residual } = eigh(form);
    const norm = Math.max(Math.abs(values[0] ?? 0), Math.abs(values.at(-1) ?? 0));
    return total(norm * (1 + residual));
  });
}

/** The vectors of both in an orthonormal basis of what they span. */
function coordinates(
  both: { left: ReturnType<typeof matrix>; right: ReturnType<typeof matrix> },
  inputs: number,
): typeof both {
  if (2 * both.left.rows >= inputs) return both;
  const { q } = qr(transpose(stackRows([both.left, both.right])));
  return { left: matmul(both.left, q), right: matmul(both.right, q) };
}
