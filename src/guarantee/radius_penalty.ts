import type { Model } from "../nn/mod.ts";
import { add, multiply, recording, scale, sum, type Tensor, tensor } from "../tensor/mod.ts";
import type { Penalty } from "../train/mod.ts";
import { type BoundaryPoints, boundaryPoints } from "./boundary_points.ts";
import { type ClosedFormRadii, closedFormRadii } from "./closed_form.ts";

/** Settings of {@linkcode radiusPenalty}. */
export interface RadiusPenaltyOptions {
  /** Weight of the penalty in the loss, nats a unit of the input; 1 unless said. */
  readonly strength?: number;
  /** Radius from which on there is nothing to gain, in the unit of the input; 1.5 unless said. */
  readonly target?: number;
  /**
   * `exact`: the certified radius itself, one more backward pass at the nearest boundary point; `closed
   * form`: its lower bound without iteration, at five points. `exact` unless said.
   */
  readonly radius?: "exact" | "closed form";
  /** Steps without it, until there are classes to keep; 40 unless said. */
  readonly after?: number;
}

/**
 * Certified training: strength · mean max(0, target − radius) over the batch, for `train.fit`, where the
 * radius is that of {@linkcode boundaryPoints} (exact) or {@linkcode closedFormRadii}, and 0 where a row
 * is not right. Value and gradient are those of the radii; each step takes the class pairs of the moment,
 * some milliseconds for small networks. Source: METHODS G7.
 *
 * @throws {RangeError} for a strength, target or number of steps that is negative or not finite; the
 * penalty itself throws {TypeError} for a model with no exact form.
 * @example
 * ```ts
 * import { data, guarantee, nn, optim, train } from "@odot/odot";
 * const inputs = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i * i));
 * const labels = Array.from({ length: 200 }, (_, i) => inputs[2 * i]! > inputs[2 * i + 1]! ? 1 : 0);
 * const model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: 1 });
 * const optimizer = optim.adamw(model, { learningRate: 0.02 });
 * const penalty = guarantee.radiusPenalty({ target: 0.5 });
 * const options = { optimizer, epochs: 3, batchSize: 20, penalty };
 * for (const { loss } of train.fit(model, data.dataset({ inputs, labels }), options)) console.log(loss);
 * ```
 */
export function radiusPenalty(options: RadiusPenaltyOptions = {}): Penalty {
  const { strength = 1, target = 1.5, radius = "exact", after = 40 } = options;
  for (const [name, value] of Object.entries({ strength, target, after })) {
    if (!(value >= 0 && value < Infinity)) {
      throw new RangeError(
        `Cannot train for radii with the ${name} ${value}: it is a finite number ≥ 0`,
      );
    }
  }
  const find = radius === "exact" ? boundaryPoints : closedFormRadii;
  return (model, { inputs, labels, step }) => {
    if (step < after || strength === 0) return undefined;
    // what only finds the points is no part of what is differentiated
    const found = recording(
      undefined,
      () => find(model, inputs.toArray(), { labels: labels.toArray() }),
    );
    return missing(model, found, { strength, target });
  };
}

/** Strength · mean max(0, target − radius), with its gradient by the weights. */
function missing(
  model: Model,
  { points, weights, labels, rival, radius }: BoundaryPoints | ClosedFormRadii,
  { strength, target }: { readonly strength: number; readonly target: number },
): Tensor {
  const rows = labels.length, each = weights.length / rows, { outputs } = model;
  const signs = new Float32Array(weights.length * outputs);
  weights.forEach((weight, p) => {
    const i = Math.floor(p / each);
    if (!(radius[i]! < target)) return;
    signs[p * outputs + labels[i]!] = weight;
    signs[p * outputs + rival[i]!] = -weight;
  });
  const lacking = radius.reduce((total, value) => total + Math.max(0, target - value), 0);
  const logits = model(tensor(points, [weights.length, points.length / weights.length]));
  const weighted = scale(sum(multiply(logits, tensor(signs, logits.shape))), -strength / rows);
  // the weighted margins have the gradient of the radii, but not their value
  return add(weighted, tensor([strength * lacking / rows - weighted.item()], weighted.shape));
}
