import type { QuadraticForm } from "../decompose/mod.ts";
import type { Model } from "../nn/mod.ts";
import type { Box } from "./box.ts";
import { centered } from "./box_bounds.ts";
import { convexBound, wholeBox } from "./box_convex.ts";
import { columnsOf } from "./box_descent.ts";
import { proposedShift } from "./box_mixing.ts";
import { neuronSum } from "./box_sum.ts";
import { type BoxCertificate, type RivalDual, sealed } from "./certificate.ts";
import { fingerprint, hashOfInput } from "./certificate_model.ts";
import { plainLayers } from "./certify.ts";
import { checkLayers } from "./checker.ts";

/** D of the semidefinite dual of a form over a box, and where the tangent of what it makes convex is taken. */
export interface BoxDual {
  /** Diagonal of D, ≥ 0, all but large enough [inputs]. */
  readonly shift: Float64Array;
  /** The size of the form, in the unit of D. */
  readonly scale: number;
  /** Where the convex function is smallest [inputs]. */
  readonly point: Float64Array;
}

/** {@linkcode BoxDual} of one form over many boxes. */
export function boxDual(
  form: QuadraticForm,
): (box: Box, start: Float64Array) => BoxDual {
  const sum = neuronSum(form), columns = columnsOf(sum), { inputs: n, neurons } = sum;
  let scale = 2 ** -100;
  for (let k = 0; k < neurons; k++) {
    const row = (of: Float64Array): Float64Array => of.subarray(k * n, (k + 1) * n);
    scale += Math.abs(sum.weights[k]!) * Math.hypot(...row(sum.left)) *
      Math.hypot(...row(sum.right)) / n;
  }
  return (box, start) => {
    const at = centered(sum, box), slope = at.gradient.map((value, i) => value * at.half[i]!);
    const effort = { sweeps: 300, tolerance: 1e-5 };
    const proposed = proposedShift(columns, sum.weights, at.half, slope, effort);
    // close to a D that makes the form convex; the checker says how much is missing
    const shift = proposed.map((d, i) => at.half[i]! > 0 ? d / at.half[i]! ** 2 : 0);
    const convex = { sum, columns, directions: 0, shift };
    const { point } = convexBound(convex, wholeBox(convex, box), start, {
      sweeps: 300,
      tolerance: 1e-10 * at.size,
    });
    return { shift, scale, point };
  };
}

/** How much to add to D: the checker must see a positive definite matrix. */
const LIFTS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

/** A certificate that the checker accepts, or undefined. */
export function boxFile(
  model: Model,
  x: Float32Array,
  claim: Pick<BoxCertificate, "label" | "radius" | "domain">,
  duals: readonly (BoxDual & { readonly rival: number })[],
): BoxCertificate | undefined {
  const layers = plainLayers(model), about = { model: fingerprint(layers), input: hashOfInput(x) };
  for (const lift of LIFTS) {
    const rivals = duals.map(({ rival, shift, scale, point }): RivalDual => ({
      class: rival,
      shift: Array.from(shift, (d) => short(d * (1 + lift) + lift * scale)),
      step: Array.from(point, (value, i) => short(value - x[i]!)),
    }));
    const file = sealed({ kind: "box", ...about, ...claim, rivals });
    if (checkLayers(file, layers, x).verdict === "certified") return file;
  }
  return undefined;
}

/** A number in few digits: what is lost is less than what was added. */
function short(value: number): number {
  return Number(value.toPrecision(7));
}
