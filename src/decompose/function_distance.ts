import { matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { eigen } from "./eigen.ts";
import { fromFactors, type Interactions, interactions } from "./interactions.ts";
import { stackRows } from "./rows.ts";

/** How far two functions are apart. */
export interface FunctionDistance {
  /** ‖a − b‖_F / max(‖a‖_F, ‖b‖_F) of all coefficients, linear and constant ones too; 0 where equal. */
  readonly distance: number;
  /** The same for every output by itself [outputs]. */
  readonly perOutput: Float64Array;
}

/**
 * How far two networks of one bilinear layer are apart as functions, whatever their neurons are: the
 * eigenvalues of the difference of their forms, to full precision where a difference of norms would lose
 * half the digits. Exactly 0 where nothing but rounding is left. Source: METHODS T2, T10.
 *
 * @throws {TypeError} when they differ in inputs or outputs, or have not one bilinear layer.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const a = nn.sequential([nn.bilinear(2, 1, { bias: false })]); // x·y
 * a.assign({ "0.weight": [1, 0, 0, 1] });
 * const b = nn.sequential([nn.bilinear(2, 2, { bias: false }), nn.linear(2, 1, { bias: false })]);
 * // ¼(x + y)² − ¼(x − y)²
 * b.assign({ "0.weight": [1, 1, 1, -1, 1, 1, 1, -1], "1.weight": [0.25, -0.25] });
 * console.log(decompose.functionDistance(a, b).distance); // 0
 * ```
 */
export function functionDistance(
  a: Model | Interactions,
  b: Model | Interactions,
): FunctionDistance {
  const [first, second] = [a, b].map((each) => "neurons" in each ? each : interactions(each));
  if (first!.inputs !== second!.inputs || first!.outputs !== second!.outputs) {
    throw new TypeError(
      `Cannot compare functions from ${first!.inputs} to ${first!.outputs} numbers and from ${
        second!.inputs
      } to ${second!.outputs}: they must be of the same sizes`,
    );
  }
  const difference = minus(first!, second!), count = first!.outputs;
  const [gaps, own, other] = [difference, first!, second!].map((each) =>
    Float64Array.from(
      { length: count },
      (_, o) => norm(eigen(each.output(o), { bias: "homogeneous" }).spectrum),
    )
  );
  const relative = (gap: number, x: number, y: number): number =>
    gap > 0 ? gap / Math.max(x, y) : 0;
  return {
    distance: relative(norm(gaps!), norm(own!), norm(other!)),
    perOutput: gaps!.map((gap, o) => relative(gap, own![o]!, other![o]!)),
  };
}

/** The neurons of both, those of b read with the opposite sign. */
function minus(a: Interactions, b: Interactions): Interactions {
  const count = a.neurons + b.neurons, readout = matrix(a.outputs, count);
  for (let o = 0; o < a.outputs; o++) {
    const row = o * count, { neurons } = b;
    readout.data.set(a.readout.data.subarray(o * a.neurons, (o + 1) * a.neurons), row);
    readout.data.set(
      b.readout.data.subarray(o * neurons, (o + 1) * neurons).map((value) => -value),
      row + a.neurons,
    );
  }
  return fromFactors({
    left: stackRows([a.left, b.left]),
    right: stackRows([a.right, b.right]),
    leftBias: Float64Array.of(...a.leftBias, ...b.leftBias),
    rightBias: Float64Array.of(...a.rightBias, ...b.rightBias),
    readout,
    outputBias: a.outputBias.map((value, o) => value - b.outputBias[o]!),
  });
}

function norm(x: Float64Array): number {
  return Math.hypot(...x);
}
