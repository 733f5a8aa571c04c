import type { Model } from "../nn/mod.ts";
import { checkLabel, type ClassPairs, inputRows, pairsOf } from "./class_pairs.ts";
import { argmax, neighbourhood, type RadiusOptions } from "./radius.ts";

/** A lower bound on a certified radius without solving for it. */
export interface ClosedFormRadius {
  /** The class that is kept. */
  readonly label: number;
  /** At most the exact radius; equal where the margin is linear, or the gradient lies along its lowest eigenvector. */
  readonly radius: number;
  /** The class that gives the smallest bound. */
  readonly rival: number;
}

/**
 * 2m / (‖g‖ + √(‖g‖² + 4am)) with the margin m, its gradient g and a = max(0, −λ_min), the smallest over
 * all rivals: the root of a·R² + ‖g‖·R = m, a lower bound on the exact radius that is differentiable in
 * the weights. Not a proof in floating point: use `radius` for one. Source: METHODS G7.
 *
 * @throws {TypeError} when the model has no exact form, or the input another length; {RangeError} when
 * the input is not finite, or there is no such label.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 1 });
 * const low = guarantee.closedFormRadius(model, [1, 0, 0, 1]).radius;
 * console.log(low <= guarantee.radius(model, [1, 0, 0, 1]).radius); // true
 * ```
 */
export function closedFormRadius(
  given: Model | ClassPairs,
  input: ArrayLike<number>,
  options: RadiusOptions = {},
): ClosedFormRadius {
  const pairs = pairsOf(given), action = "Cannot bound a radius";
  const rows = inputRows(action, pairs.interactions, input);
  if (rows.rows !== 1) throw new TypeError(`${action} at ${rows.rows} inputs: give one`);
  const label = options.label ?? argmax(pairs.model.predict(rows.data));
  checkLabel(action, label, pairs.classes);
  const about = neighbourhood(pairs, rows);
  let radius = Infinity, rival = label === 0 ? 1 : 0;
  for (let c = 0; c < pairs.classes; c++) {
    if (c === label) continue;
    const { values, gradient, height } = about(label, c);
    const depth = values.reduce((most, value) => Math.max(most, -value), 0);
    const slope = Math.hypot(...gradient);
    const bound = height > 0
      ? 2 * height / (slope + Math.sqrt(slope * slope + 4 * depth * height))
      : 0;
    if (bound < radius) [radius, rival] = [bound, c];
  }
  return { label, radius, rival };
}
