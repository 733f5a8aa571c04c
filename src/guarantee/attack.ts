import { requireChoice } from "./choice.ts";
import { matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { marginGradient } from "./attack_gradient.ts";
import { descent, type Objective } from "./attack_search.ts";
import { argmax, radius as exactRadius } from "./radius.ts";
import type { ClassPairs } from "./class_pairs.ts";

/** Settings of {@linkcode attack}. */
export interface AttackOptions {
  /** How far inputs may move, in their unit. */
  readonly radius: number;
  /** `l2`: by that length; `linf`: every entry by that much. `l2` unless said. */
  readonly norm?: "l2" | "linf";
  /** The classes to be left [rows]; what the model predicts unless said. */
  readonly labels?: ArrayLike<number>;
  /** What entries may be, [0, 1] for pixels; anything unless said. */
  readonly domain?: readonly [low: number, high: number];
  /** Steps of every descent, a whole number ≥ 1; 40 unless said. */
  readonly steps?: number;
  /** Descents, the first from the inputs, the others from random points near them; 2 unless said. */
  readonly restarts?: number;
  /** Seed of the random points; 0 unless said. */
  readonly seed?: number;
}

/** What an attack has found, row by row. */
export interface Attack {
  /** The inputs with the smallest margins found, in f32 [rows · inputs]. */
  readonly points: Float32Array<ArrayBuffer>;
  /** Their margins, as the model in f32 has them [rows]. */
  readonly margins: Float32Array<ArrayBuffer>;
  /** How far they are from the inputs, in the norm of the attack [rows]. */
  readonly distances: Float64Array;
  /** 1 where the model in f32 leaves the label [rows]. */
  readonly found: Uint8Array<ArrayBuffer>;
}

/**
 * Projected gradient descent on the margin, within a ball about every input: looks for inputs that the
 * model takes for another class. It bounds guarantees from the other side: where nothing is found nothing
 * is proven. Any model on numbers will do; where the outputs are quadratic the gradient is the analytic
 * one. Source: Madry et al. 2018 (1706.06083).
 *
 * @throws {TypeError} when the values are no whole number of rows, or the model takes indices or has one
 * output; {RangeError} for a radius, steps, restarts or labels that are none, values that are not finite,
 * or outside the domain.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false }), nn.linear(1, 2)]);
 * model.assign({ "0.weight": [1, 0, 0, 1], "1.weight": [1, 0], "1.bias": [0, 0.5] }); // x·y against ½
 * const { found, points } = guarantee.attack(model, [1, 1], { radius: 0.5 });
 * console.log(found[0], points); // 1, and a point with x·y < ½
 * ```
 */
export function attack(
  model: Model,
  inputs: ArrayLike<number>,
  options: AttackOptions,
): Attack {
  const { radius, norm = "l2", steps = 40, restarts = 2, seed = 0, domain } = options;
  const rows = checkRows(model, inputs, options), width = model.inputs;
  const centers = Float64Array.from(inputs, Math.fround);
  const labels = options.labels ?? predictions(model, centers, rows);
  checkLabels(labels, rows, model.outputs);
  const gradient = marginGradient(model);
  const objective: Objective = (x) => {
    const { margins, gradients } = gradient(x, labels);
    return { values: margins, gradients };
  };
  requireChoice("Cannot attack", "norm", norm, ["l2", "linf"]);
  const limits = { radius, norm, domain: domain ?? [-Infinity, Infinity] } as const;
  const effort = { steps, restarts, seed };
  const best = descent(objective, matrix(rows, width, centers), limits, effort);
  return measured(model, labels, centers, best, norm);
}

/** The smallest change that makes a model in f32 leave a class. */
export interface MinimalAttack {
  /** An f32 input of another class [inputs]. */
  readonly point: Float32Array<ArrayBuffer>;
  /** Its L2 distance from the input; Infinity when there is none. */
  readonly distance: number;
  /** The exact radius of the polynomial: no smaller change exists, but for rounding. */
  readonly radius: number;
  /** The proven radius of the f32 model, ≤ distance. */
  readonly certified: number;
}

/**
 * The smallest attack there is: the nearest point of the boundary, which {@linkcode radius} finds exactly,
 * passed by as little as f32 takes to change its mind.
 *
 * @throws what {@linkcode radius} throws.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 2 });
 * const { point, certified, distance } = guarantee.minimalAttack(model, [1, 0, 0, 1]);
 * console.log(model.predict(point), certified <= distance); // another class, and true
 * ```
 */
export function minimalAttack(
  given: Model | ClassPairs,
  input: ArrayLike<number>,
  options: { readonly label?: number } = {},
): MinimalAttack {
  const model = "forms" in given ? given.model : given;
  const { change, radius, lower, label } = exactRadius(given, input, options);
  const center = Float64Array.from(input, Math.fround);
  for (let beyond = 1e-7; beyond < 1 && Number.isFinite(radius); beyond *= 2) {
    const point = Float32Array.from(center, (x, i) => x + (1 + beyond) * change[i]!);
    if (argmax(model.predict(point)) === label) continue;
    const distance = Math.hypot(...point.map((x, i) => x - center[i]!));
    return { point, distance, radius, certified: lower };
  }
  return { point: Float32Array.from(center), distance: Infinity, radius, certified: lower };
}

function measured(
  model: Model,
  labels: ArrayLike<number>,
  centers: Float64Array,
  points: Float32Array<ArrayBuffer>,
  norm: "l2" | "linf",
): Attack {
  const rows = labels.length, width = model.inputs, logits = model.predict(points);
  const margins = new Float32Array(rows), distances = new Float64Array(rows);
  const found = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const own = logits.subarray(row * model.outputs, (row + 1) * model.outputs);
    const label = labels[row]!;
    const rival = own.reduce((top, y, o) => o === label ? top : Math.max(top, y), -Infinity);
    margins[row] = own[label]! - rival;
    // NaN is no class
    found[row] = argmax(own) === label || own.some(Number.isNaN) ? 0 : 1;
    let size = 0;
    for (let at = row * width; at < (row + 1) * width; at++) {
      const change = Math.abs(points[at]! - centers[at]!);
      size = norm === "l2" ? size + change * change : Math.max(size, change);
    }
    distances[row] = norm === "l2" ? Math.sqrt(size) : size;
  }
  return { points, margins, distances, found };
}

function predictions(model: Model, inputs: Float64Array, rows: number): Int32Array {
  const logits = model.predict(inputs);
  return Int32Array.from(
    { length: rows },
    (_, row) => argmax(logits.subarray(row * model.outputs, (row + 1) * model.outputs)),
  );
}

function checkRows(model: Model, inputs: ArrayLike<number>, options: AttackOptions): number {
  const { radius, steps = 40, restarts = 2, domain: [low, high] = [-Infinity, Infinity] } = options;
  const rows = inputs.length / model.inputs;
  if (model.inputs === 0 || !Number.isInteger(rows) || model.outputs < 2) {
    throw new TypeError(
      `Cannot attack ${inputs.length} numbers: the model must take rows of numbers (here ${model.inputs}) and have two outputs or more (here ${model.outputs})`,
    );
  }
  if (!(radius >= 0 && Number.isFinite(radius))) {
    throw new RangeError(
      `Cannot attack within the radius ${radius}: it is a finite number ≥ 0`,
    );
  }
  for (const [name, count] of [["steps", steps], ["restarts", restarts]] as const) {
    if (!(Number.isSafeInteger(count) && count >= 1)) {
      throw new RangeError(`Cannot attack with ${count} ${name}: give a whole number ≥ 1`);
    }
  }
  for (let i = 0; i < inputs.length; i++) {
    if (!Number.isFinite(inputs[i]!) || inputs[i]! < low || inputs[i]! > high) {
      throw new RangeError(
        `Cannot attack: value ${i} is ${inputs[i]}, and must be finite and in [${low}, ${high}]`,
      );
    }
  }
  return rows;
}

function checkLabels(labels: ArrayLike<number>, rows: number, outputs: number): void {
  if (labels.length !== rows) {
    throw new TypeError(`Cannot attack ${rows} inputs with ${labels.length} labels`);
  }
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    if (!(Number.isInteger(label) && label >= 0 && label < outputs)) {
      throw new RangeError(`Cannot attack class ${label}: the classes are 0 to ${outputs - 1}`);
    }
  }
}
